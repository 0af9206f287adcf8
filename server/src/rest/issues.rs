//! Issues.

use app::model::id::{IssueId, ProjectId};
use app::model::issue::{CreateIssue, Issue, IssueDetail, IssueQuery, UpdateIssue};
use app::model::page::Page;
use app::service::Issues;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, update, delete)).routes(routes!(sync))
}

/// The project's issues, newest first.
#[utoipa::path(get, path = "/projects/{id}/issues", tag = "Issues", params(("id" = ProjectId, Path), IssueQuery),
    responses((status = 200, body = Page<Issue>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<IssueQuery>,
) -> ApiResult<Json<Page<Issue>>> {
    Ok(Json(state.list_issues(&actor, project, query).await?))
}

/// Creates an issue; emits `issue.created`.
#[utoipa::path(post, path = "/projects/{id}/issues", tag = "Issues", params(("id" = ProjectId, Path)),
    request_body = CreateIssue, responses((status = 201, body = Issue), Problems))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateIssue>,
) -> ApiResult<Created<Issue>> {
    let issue = state.create_issue(&actor, project, new).await?;
    Ok(Created(format!("/issues/{}", issue.id), issue))
}

/// One issue, with its description as sanitized HTML.
#[utoipa::path(get, path = "/issues/{id}", tag = "Issues", params(("id" = IssueId, Path)),
    responses((status = 200, body = IssueDetail), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<IssueId>,
) -> ApiResult<Json<IssueDetail>> {
    Ok(Json(state.issue(&actor, id).await?))
}

/// Changes an issue; emits `issue.updated` if anything changed.
#[utoipa::path(patch, path = "/issues/{id}", tag = "Issues", params(("id" = IssueId, Path)),
    request_body = UpdateIssue, responses((status = 200, body = Issue), Problems))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<IssueId>,
    Body(change): Body<UpdateIssue>,
) -> ApiResult<Json<Issue>> {
    Ok(Json(state.update_issue(&actor, id, change).await?))
}

/// Deletes an issue in Testbell; emits `issue.deleted`.
#[utoipa::path(delete, path = "/issues/{id}", tag = "Issues", params(("id" = IssueId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<IssueId>,
) -> ApiResult<StatusCode> {
    state.delete_issue(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Schedules a sync of the issue with its tracker.
#[utoipa::path(post, path = "/issues/{id}/sync", tag = "Issues", params(("id" = IssueId, Path)),
    responses((status = 202, description = "The sync is queued."), Problems))]
async fn sync(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<IssueId>,
) -> ApiResult<StatusCode> {
    state.sync_issue(&actor, id).await?;
    Ok(StatusCode::ACCEPTED)
}
