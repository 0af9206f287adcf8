//! The integration of a project with its tracker.

use app::error::Error;
use app::model::id::ProjectId;
use app::model::integration::{ConnectionTest, Integration, PutIntegration};
use app::service::Integrations;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, put, delete)).routes(routes!(test))
}

/// The project's integration, without credentials; 404 if it has none.
#[utoipa::path(get, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    responses((status = 200, body = Integration), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> ApiResult<Json<Integration>> {
    Ok(Json(state.integration(&actor, project).await?.ok_or(Error::NotFound)?))
}

/// Creates or replaces the integration.
#[utoipa::path(put, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    request_body = PutIntegration, responses((status = 200, body = Integration), Problems, Conflict))]
async fn put(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<PutIntegration>,
) -> ApiResult<Json<Integration>> {
    Ok(Json(state.put_integration(&actor, project, new).await?))
}

/// Deletes the integration and its inbound webhook.
#[utoipa::path(delete, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> ApiResult<StatusCode> {
    state.delete_integration(&actor, project).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tests the stored connection to the tracker.
#[utoipa::path(post, path = "/projects/{id}/integration/test", tag = "Integration",
    params(("id" = ProjectId, Path)), responses((status = 200, body = ConnectionTest), Problems))]
async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> ApiResult<Json<ConnectionTest>> {
    Ok(Json(state.test_integration(&actor, project).await?))
}
