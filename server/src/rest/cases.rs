//! Test cases.

use app::model::id::{CaseId, ProjectId};
use app::model::page::Page;
use app::model::test_case::{CaseQuery, CreateCase, TestCase, UpdateCase};
use app::service::Cases;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, update, delete)).routes(routes!(duplicate))
}

/// The project's test cases, the newest first.
#[utoipa::path(get, path = "/projects/{id}/cases", tag = "Cases", params(("id" = ProjectId, Path), CaseQuery),
    responses((status = 200, body = Page<TestCase>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<CaseQuery>,
) -> Answer<Json<Page<TestCase>>> {
    Ok(Json(core.list_cases(&actor, project, query).await?))
}

/// Makes a test case; emits `case.created`.
#[utoipa::path(post, path = "/projects/{id}/cases", tag = "Cases", params(("id" = ProjectId, Path)),
    request_body = CreateCase, responses((status = 201, body = TestCase), Problems))]
async fn create(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateCase>,
) -> Answer<Created<TestCase>> {
    let case = core.create_case(&actor, project, new).await?;
    Ok(Created(format!("/cases/{}", case.id), case))
}

/// One test case.
#[utoipa::path(get, path = "/cases/{id}", tag = "Cases", params(("id" = CaseId, Path)),
    responses((status = 200, body = TestCase), Problems))]
async fn read(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<CaseId>) -> Answer<Json<TestCase>> {
    Ok(Json(core.case(&actor, id).await?))
}

/// Changes a test case; emits `case.updated` if anything changed.
#[utoipa::path(patch, path = "/cases/{id}", tag = "Cases", params(("id" = CaseId, Path)),
    request_body = UpdateCase, responses((status = 200, body = TestCase), Problems))]
async fn update(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<CaseId>,
    Body(change): Body<UpdateCase>,
) -> Answer<Json<TestCase>> {
    Ok(Json(core.update_case(&actor, id, change).await?))
}

/// Deletes a test case; runs that hold it keep it. Emits `case.deleted`.
#[utoipa::path(delete, path = "/cases/{id}", tag = "Cases", params(("id" = CaseId, Path)),
    responses((status = 204), Problems))]
async fn delete(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<CaseId>) -> Answer<StatusCode> {
    core.delete_case(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a copy of a test case; emits `case.duplicated`.
#[utoipa::path(post, path = "/cases/{id}/duplicate", tag = "Cases", params(("id" = CaseId, Path)),
    responses((status = 201, body = TestCase), Problems))]
async fn duplicate(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<CaseId>,
) -> Answer<Created<TestCase>> {
    let case = core.duplicate_case(&actor, id).await?;
    Ok(Created(format!("/cases/{}", case.id), case))
}
