//! Sessions and their results.

use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::{Executions, SessionNotes, SessionTimers, Testware};
use app::testware::execution::ExecutionQuery;
use app::testware::item::CopiedCases;
use app::testware::result::{AddResult, TestResult};
use app::testware::session::notes::{AddSessionNote, SessionNote, SessionNoteId, UpdateSessionNote};
use app::testware::session::{CreateSession, SessionDetail, SessionId, TestSession, UpdateSession};
use app::testware::submission::{AddResults, Submission};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, execution_handlers, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestSession {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
            .merge(execution_routes())
            .routes(routes!(start_timer))
            .routes(routes!(stop_timer))
            .routes(routes!(notes, add_note))
            .routes(routes!(update_note, delete_note))
    }
}

testware_handlers! {
    tag: "Sessions", noun: "sessions", id: SessionId, query: ExecutionQuery, create: CreateSession,
    update: UpdateSession, view: TestSession, detail: SessionDetail,
    list: "/projects/{id}/sessions" "The project's sessions, newest first.",
    create: "Creates a session; emits `session.created`.",
    item: "/sessions/{id}" "One session.",
    update: "Changes a session that is not completed; emits `session.updated` if name, charter, time box or milestone changed, and `session.state_changed` if the state did.", Conflict;
    delete: "Deletes a session; emits `session.deleted`.",
    duplicate: "/sessions/{id}/duplicate" "Copies a session in state `new`, without its results; emits `session.duplicated`.",
    complete: "/sessions/{id}/complete" "Completes a session in any state and stops its timer; emits `session.completed`. 409 when it is already completed.",
}

execution_handlers! {
    tag: "Sessions", noun: "sessions", id: SessionId, view: TestSession,
    results: "/sessions/{id}/results" "The results of a session, newest first.",
    add: "Adds a result to a session; emits `session.result_added` and `result.created`, and `result.issue_linked` if it has issues. 409 when it is completed.",
    bulk: "/sessions/{id}/results/bulk" "Adds several results to a session: all of them, or none. Emits the same events for each, and then `execution.completed`. 409 when it is completed.",
}

/// Starts the timer of a session; a running one goes on. Emits no event. 409 when the session is completed.
#[utoipa::path(post, path = "/sessions/{id}/timer/start", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = TestSession), Problems, Conflict))]
async fn start_timer(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
) -> ApiResult<Json<TestSession>> {
    Ok(Json(SessionTimers::start_timer(&state, &actor, id).await?))
}

/// Stops the timer of a session; a stopped one stays as it is. Emits no event. 409 when the session is completed.
#[utoipa::path(post, path = "/sessions/{id}/timer/stop", tag = "Sessions", params(("id" = SessionId, Path)),
    responses((status = 200, body = TestSession), Problems, Conflict))]
async fn stop_timer(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
) -> ApiResult<Json<TestSession>> {
    Ok(Json(SessionTimers::stop_timer(&state, &actor, id).await?))
}

/// The notes of a session, oldest first.
#[utoipa::path(get, path = "/sessions/{id}/notes", tag = "Sessions", params(("id" = SessionId, Path), PageQuery),
    responses((status = 200, body = Page<SessionNote>), Problems))]
async fn notes(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<SessionNote>>> {
    Ok(Json(SessionNotes::list_notes(&state, &actor, id, page).await?))
}

/// Adds a note to a session, with the time on its timer. Emits no event. 409 when the session is completed.
#[utoipa::path(post, path = "/sessions/{id}/notes", tag = "Sessions", params(("id" = SessionId, Path)),
    request_body = AddSessionNote, responses((status = 201, body = SessionNote), Problems, Conflict))]
async fn add_note(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionId>,
    Body(new): Body<AddSessionNote>,
) -> ApiResult<Created<SessionNote>> {
    let note = SessionNotes::add_note(&state, &actor, id, new).await?;
    Ok(Created(format!("/session-notes/{}", note.id), note))
}

/// Changes a note of a session, which keeps its time. For its author, and admins of the project. 409 when the session is
/// completed.
#[utoipa::path(patch, path = "/session-notes/{id}", tag = "Sessions", params(("id" = SessionNoteId, Path)),
    request_body = UpdateSessionNote, responses((status = 200, body = SessionNote), Problems, Conflict))]
async fn update_note(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionNoteId>,
    Body(change): Body<UpdateSessionNote>,
) -> ApiResult<Json<SessionNote>> {
    Ok(Json(SessionNotes::update_note(&state, &actor, id, change).await?))
}

/// Deletes a note of a session. For its author, and admins of the project. 409 when the session is completed.
#[utoipa::path(delete, path = "/session-notes/{id}", tag = "Sessions", params(("id" = SessionNoteId, Path)),
    responses((status = 204), Problems, Conflict))]
async fn delete_note(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<SessionNoteId>,
) -> ApiResult<StatusCode> {
    SessionNotes::delete_note(&state, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
