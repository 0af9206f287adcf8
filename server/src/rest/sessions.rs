//! Sessions and their results.

use app::model::id::{ProjectId, SessionId};
use app::model::page::{Page, PageQuery};
use app::model::test_session::{CreateSession, TestSession, UpdateSession};
use app::model::testware::{AddResult, TestResult, WorkQuery};
use app::service::Sessions;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
        .routes(routes!(duplicate))
        .routes(routes!(complete))
        .routes(routes!(results, add_result))
}

/// The project's sessions, the newest first.
#[utoipa::path(get, path = "/projects/{id}/sessions", tag = "Sessions", params(("id" = ProjectId, Path), WorkQuery),
    responses((status = 200, body = Page<TestSession>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<WorkQuery>,
) -> Answer<Json<Page<TestSession>>> {
    Ok(Json(core.list_sessions(&actor, project, query).await?))
}

/// Makes a session; emits `session.created`.
#[utoipa::path(post, path = "/projects/{id}/sessions", tag = "Sessions", params(("id" = ProjectId, Path)),
    request_body = CreateSession, responses((status = 201, body = TestSession), Problems))]
async fn create(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateSession>,
) -> Answer<Created<TestSession>> {
    let session = core.create_session(&actor, project, new).await?;
    Ok(Created(format!("/sessions/{}", session.id), session))
}

/// One session.
#[utoipa::path(get, path = "/sessions/{id}", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = TestSession), Problems))]
async fn read(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
) -> Answer<Json<TestSession>> {
    Ok(Json(core.session(&actor, id).await?))
}

/// Changes a session that is not completed; emits `session.updated` if name, charter or time
/// box changed, and `session.state_changed` if the state did.
#[utoipa::path(patch, path = "/sessions/{id}", tag = "Sessions", params(("id" = SessionId, Path)),
    request_body = UpdateSession, responses((status = 200, body = TestSession), Problems))]
async fn update(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
    Body(change): Body<UpdateSession>,
) -> Answer<Json<TestSession>> {
    Ok(Json(core.update_session(&actor, id, change).await?))
}

/// Deletes a session; emits `session.deleted`.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 204), Problems))]
async fn delete(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<SessionId>) -> Answer<StatusCode> {
    core.delete_session(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a copy of a session in state `new`, without its results; emits `session.duplicated`.
#[utoipa::path(post, path = "/sessions/{id}/duplicate", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 201, body = TestSession), Problems))]
async fn duplicate(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
) -> Answer<Created<TestSession>> {
    let session = core.duplicate_session(&actor, id).await?;
    Ok(Created(format!("/sessions/{}", session.id), session))
}

/// Completes a session, in whatever state; emits `session.completed`. 409 when it is completed.
#[utoipa::path(post, path = "/sessions/{id}/complete", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = TestSession), Problems))]
async fn complete(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
) -> Answer<Json<TestSession>> {
    Ok(Json(core.complete_session(&actor, id).await?))
}

/// The results of a session, the newest first.
#[utoipa::path(get, path = "/sessions/{id}/results", tag = "Sessions", params(("id" = SessionId, Path), PageQuery),
    responses((status = 200, body = Page<TestResult>), Problems))]
async fn results(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<TestResult>>> {
    Ok(Json(core.session_results(&actor, id, page).await?))
}

/// Adds a result to a session; emits `session.result_added`. 409 when it is completed.
#[utoipa::path(post, path = "/sessions/{id}/results", tag = "Sessions", params(("id" = SessionId, Path)),
    request_body = AddResult, responses((status = 201, body = TestResult), Problems))]
async fn add_result(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
    Body(new): Body<AddResult>,
) -> Answer<Created<TestResult>> {
    Ok(Created(format!("/sessions/{id}/results"), core.add_session_result(&actor, id, new).await?))
}
