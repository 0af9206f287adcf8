//! Test cases.

use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::{BulkCases, CaseHistory, Testware};
use app::testware::case::bulk::{ChangedCases, DeleteCases, DeletedCases, UpdateCases};
use app::testware::case::history::CaseVersion;
use app::testware::case::{CaseId, CaseQuery, CreateCase, TestCase, UpdateCase};
use app::testware::item::CopiedCases;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Created, Problems};
use crate::testware::rest::{SubjectRoutes, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestCase {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes().routes(routes!(history)).routes(routes!(update_several)).routes(routes!(delete_several))
    }
}

testware_handlers! {
    tag: "Cases", noun: "cases", id: CaseId, query: CaseQuery, create: CreateCase, update: UpdateCase,
    view: TestCase, detail: TestCase,
    list: "/projects/{id}/cases" "The project's test cases, newest first.",
    create: "Creates a test case; emits `case.created`.",
    item: "/cases/{id}" "One test case.",
    update: "Changes a test case; emits `case.updated` if its content changed, `case.state_changed` if it was archived or reactivated, and `case.automation_links_changed` if its automation links changed.";
    delete: "Deletes a test case. Runs that include it keep it. Emits `case.deleted`.",
    duplicate: "/cases/{id}/duplicate" "Copies a test case; emits `case.duplicated`.",
}

/// The changes of a test case, newest first, each with what it changed. The first one of a new case is its creation; a
/// case that an older version, a report or the copy of a suite created begins with its first change.
#[utoipa::path(get, path = "/cases/{id}/history", tag = "Cases", params(("id" = CaseId, Path), PageQuery),
    responses((status = 200, body = Page<CaseVersion>), Problems))]
async fn history(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CaseId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<CaseVersion>>> {
    Ok(Json(state.case_history(&actor, id, page).await?))
}

/// Changes up to 500 test cases, all or none. Emits for each changed case, in the order of the IDs, what a single change
/// emits; a case that has these values already emits nothing.
#[utoipa::path(patch, path = "/projects/{id}/cases", tag = "Cases", params(("id" = ProjectId, Path)),
    request_body = UpdateCases, responses((status = 200, body = ChangedCases), Problems))]
async fn update_several(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(change): Body<UpdateCases>,
) -> ApiResult<Json<ChangedCases>> {
    Ok(Json(state.update_cases(&actor, project, change).await?))
}

/// Deletes up to 500 test cases, all or none. Runs that include them keep them. Emits `case.deleted` for each one, in the
/// order of the IDs.
#[utoipa::path(post, path = "/projects/{id}/cases/delete", tag = "Cases", params(("id" = ProjectId, Path)),
    request_body = DeleteCases, responses((status = 200, body = DeletedCases), Problems))]
async fn delete_several(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(delete): Body<DeleteCases>,
) -> ApiResult<Json<DeletedCases>> {
    Ok(Json(state.delete_cases(&actor, project, delete).await?))
}
