//! The audit log.

use app::model::audit::AuditEntry;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::Audit;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(for_project)).routes(routes!(for_workspace))
}

/// The audit log of a project, newest first.
#[utoipa::path(get, path = "/projects/{id}/audit", tag = "Audit", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<AuditEntry>), Problems))]
async fn for_project(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<AuditEntry>>> {
    Ok(Json(state.list_audit(&actor, Some(project), page).await?))
}

/// The audit log of the workspace, newest first; for system admins.
#[utoipa::path(get, path = "/audit", tag = "Audit", params(PageQuery),
    responses((status = 200, body = Page<AuditEntry>), Problems))]
async fn for_workspace(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<AuditEntry>>> {
    Ok(Json(state.list_audit(&actor, None, page).await?))
}
