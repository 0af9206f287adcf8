//! Webhooks with several projects, and many webhooks at once.

use app::model::delivery::Delivery;
use app::model::digest::WebhookDeliveryQuery;
use app::model::id::WebhookId;
use app::model::page::Page;
use app::model::webhook::{CreateWebhook, CreatedWebhook, Webhook};
use app::model::webhook_scope::{ChangedWebhooks, SelectWebhooks, WebhookQuery};
use app::service::SharedWebhooks;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Missing, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(activate))
        .routes(routes!(deactivate))
        .routes(routes!(deliveries))
}

/// The outbound webhooks with several projects, or all, oldest first. System admins get all of them, also those whose
/// projects were deleted, others those with a project that they administer.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", params(WebhookQuery),
    responses((status = 200, body = Page<Webhook>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(query): Params<WebhookQuery>,
) -> ApiResult<Json<Page<Webhook>>> {
    Ok(Json(state.list_shared_webhooks(&actor, query).await?))
}

/// Creates an outbound webhook of several projects, or all. `scope` is required. Its secret is shown only here.
#[utoipa::path(post, path = "/webhooks", tag = "Webhooks", request_body = CreateWebhook,
    responses((status = 201, body = CreatedWebhook), Problems, Missing, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<CreateWebhook>,
) -> ApiResult<Created<CreatedWebhook>> {
    let created = state.create_shared_webhook(&actor, new).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// Activates up to 100 outbound webhooks. Their held deliveries are sent. If the caller may not change one of them,
/// none is changed.
#[utoipa::path(post, path = "/webhooks/activate", tag = "Webhooks", request_body = SelectWebhooks,
    responses((status = 200, body = ChangedWebhooks), Problems, Missing, Conflict))]
async fn activate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(select): Body<SelectWebhooks>,
) -> ApiResult<Json<ChangedWebhooks>> {
    Ok(Json(state.activate_webhooks(&actor, select).await?))
}

/// Deactivates up to 100 outbound webhooks. If the caller may not change one of them, none is changed.
#[utoipa::path(post, path = "/webhooks/deactivate", tag = "Webhooks", request_body = SelectWebhooks,
    responses((status = 200, body = ChangedWebhooks), Problems, Missing, Conflict))]
async fn deactivate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(select): Body<SelectWebhooks>,
) -> ApiResult<Json<ChangedWebhooks>> {
    Ok(Json(state.deactivate_webhooks(&actor, select).await?))
}

/// The deliveries of a webhook in all projects that the caller may read, newest first. System admins also get those of
/// deleted projects (`orphaned`).
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", tag = "Webhooks", params(("id" = WebhookId, Path), WebhookDeliveryQuery),
    responses((status = 200, body = Page<Delivery>), Problems))]
async fn deliveries(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Params(query): Params<WebhookDeliveryQuery>,
) -> ApiResult<Json<Page<Delivery>>> {
    Ok(Json(state.list_webhook_deliveries(&actor, id, query).await?))
}
