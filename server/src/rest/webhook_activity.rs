//! Activates and deactivates outbound webhooks, and reads their statistics.

use app::model::id::WebhookId;
use app::model::webhook::Webhook;
use app::model::webhook_activity::ActivateWebhook;
use app::model::webhook_stats::{StatsQuery, WebhookStats};
use app::service::Webhooks;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(activate)).routes(routes!(deactivate)).routes(routes!(stats))
}

/// Activates an inactive outbound webhook. Its held deliveries are sent in order, or cancelled. A disabled
/// webhook stays disabled.
#[utoipa::path(post, path = "/webhooks/{id}/activate", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = ActivateWebhook, responses((status = 200, body = Webhook), Problems, Conflict))]
async fn activate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(activate): Body<ActivateWebhook>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.activate_webhook(&actor, id, activate.held_deliveries).await?))
}

/// Deactivates an outbound webhook: only tests are sent. Events are held or dropped, as its `whileInactive`
/// says.
#[utoipa::path(post, path = "/webhooks/{id}/deactivate", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, body = Webhook), Problems, Conflict))]
async fn deactivate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.deactivate_webhook(&actor, id).await?))
}

/// What an outbound webhook has sent in the last 24 hours, 7 days or 30 days.
#[utoipa::path(get, path = "/webhooks/{id}/stats", tag = "Webhooks", params(("id" = WebhookId, Path), StatsQuery),
    responses((status = 200, body = WebhookStats), Problems))]
async fn stats(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Params(query): Params<StatsQuery>,
) -> ApiResult<Json<WebhookStats>> {
    Ok(Json(state.webhook_stats(&actor, id, query.period).await?))
}
