//! The pause of all outbound webhooks.

use app::model::id::WebhookId;
use app::model::page::{Page, PageQuery};
use app::model::webhook::Webhook;
use app::model::webhook_pause::{PausedWebhook, SetWebhookPause, WebhookPause};
use app::service::WebhookPauses;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get, set)).routes(routes!(list)).routes(routes!(resume))
}

/// Whether all outbound webhooks are paused.
#[utoipa::path(get, path = "/webhook-pause", tag = "Webhooks", responses((status = 200, body = WebhookPause), Problems))]
async fn get(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<WebhookPause>> {
    Ok(Json(state.webhook_pause(&actor).await?))
}

/// Pauses all outbound webhooks, or resumes them; for system admins. Meanwhile, events are held and only tests are
/// sent. Then the held deliveries of each webhook are sent in order. What was inactive before stays inactive.
#[utoipa::path(put, path = "/webhook-pause", tag = "Webhooks", request_body = SetWebhookPause,
    responses((status = 200, body = WebhookPause), Problems))]
async fn set(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(set): Body<SetWebhookPause>,
) -> ApiResult<Json<WebhookPause>> {
    Ok(Json(state.set_webhook_pause(&actor, set).await?))
}

/// The active webhooks that the pause stops, oldest first; for system admins.
#[utoipa::path(get, path = "/webhook-pause/webhooks", tag = "Webhooks", params(PageQuery),
    responses((status = 200, body = Page<PausedWebhook>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<PausedWebhook>>> {
    Ok(Json(state.list_paused_webhooks(&actor, page).await?))
}

/// Resumes one webhook during the pause of all webhooks; for system admins. Its held deliveries are sent in order.
#[utoipa::path(post, path = "/webhooks/{id}/resume", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, body = Webhook), Problems, Conflict))]
async fn resume(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.resume_webhook(&actor, id).await?))
}
