//! Tries conditions and templates of webhooks before they are saved.

use app::model::body_template::{PreviewTemplate, TemplatePreview};
use app::model::condition::{TriedConditions, TryConditions};
use app::model::id::ProjectId;
use app::service::Webhooks;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(try_conditions)).routes(routes!(preview_template))
}

/// Tries conditions on the samples of events, and on the latest events of the project, or of the selected projects,
/// that are still stored. Nothing is saved or sent.
#[utoipa::path(post, path = "/projects/{id}/webhooks/conditions/try", tag = "Webhooks",
    params(("id" = ProjectId, Path)), request_body = TryConditions,
    responses((status = 200, body = TriedConditions), Problems))]
async fn try_conditions(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(tried): Body<TryConditions>,
) -> ApiResult<Json<TriedConditions>> {
    Ok(Json(state.try_conditions(&actor, project, tried).await?))
}

/// Renders a template with the sample of an event. Nothing is saved or sent.
#[utoipa::path(post, path = "/projects/{id}/webhooks/template/preview", tag = "Webhooks",
    params(("id" = ProjectId, Path)), request_body = PreviewTemplate,
    responses((status = 200, body = TemplatePreview), Problems))]
async fn preview_template(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(preview): Body<PreviewTemplate>,
) -> ApiResult<Json<TemplatePreview>> {
    Ok(Json(state.preview_template(&actor, project, preview).await?))
}
