//! The audit log.

use app::model::audit::AuditEntry;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::Audit;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Problems};
use super::extract::{Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(of_project)).routes(routes!(of_instance))
}

/// What was done to a project's configuration, the newest first.
#[utoipa::path(get, path = "/projects/{id}/audit", tag = "Audit", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<AuditEntry>), Problems))]
async fn of_project(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<AuditEntry>>> {
    Ok(Json(core.list_audit(&actor, Some(project), page).await?))
}

/// What was done outside of projects, the newest first; for system admins.
#[utoipa::path(get, path = "/audit", tag = "Audit", params(PageQuery),
    responses((status = 200, body = Page<AuditEntry>), Problems))]
async fn of_instance(
    State(core): State<Core>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<AuditEntry>>> {
    Ok(Json(core.list_audit(&actor, None, page).await?))
}
