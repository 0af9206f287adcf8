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

use super::answer::{Answer, Problems};
use super::extract::{Body, Caller, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(read, put, delete)).routes(routes!(test))
}

/// The project's integration; 404 when it has none. Credentials are never part of it.
#[utoipa::path(get, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    responses((status = 200, body = Integration), Problems))]
async fn read(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> Answer<Json<Integration>> {
    Ok(Json(core.integration(&actor, project).await?.ok_or(Error::NotFound)?))
}

/// Sets the integration up or replaces it.
#[utoipa::path(put, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    request_body = PutIntegration, responses((status = 200, body = Integration), Problems))]
async fn put(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<PutIntegration>,
) -> Answer<Json<Integration>> {
    Ok(Json(core.put_integration(&actor, project, new).await?))
}

/// Removes the integration, and the inbound webhook with it.
#[utoipa::path(delete, path = "/projects/{id}/integration", tag = "Integration", params(("id" = ProjectId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> Answer<StatusCode> {
    core.delete_integration(&actor, project).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads from the tracker with what is stored, and says what came of it.
#[utoipa::path(post, path = "/projects/{id}/integration/test", tag = "Integration",
    params(("id" = ProjectId, Path)), responses((status = 200, body = ConnectionTest), Problems))]
async fn test(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
) -> Answer<Json<ConnectionTest>> {
    Ok(Json(core.test_integration(&actor, project).await?))
}
