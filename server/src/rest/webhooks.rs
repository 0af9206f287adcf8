//! Webhooks of both directions.

use app::model::delivery::Delivery;
use app::model::history::{DeleteWebhookQuery, WebhookHistory};
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::signing::ChangeSigning;
use app::model::webhook::{
    ChangeDestination, CreateInbound, CreateWebhook, CreatedWebhook, EnableWebhook, RotateWebhook, SendTest,
    UpdateWebhook, Webhook,
};
use app::service::Webhooks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId, PathIds};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_inbound))
        .routes(routes!(read, update, delete))
        .routes(routes!(duplicate))
        .routes(routes!(change_destination))
        .routes(routes!(change_signing))
        .routes(routes!(test))
        .routes(routes!(enable))
        .routes(routes!(rotate))
        .routes(routes!(retire))
        .routes(routes!(extend))
}

/// The project's webhooks, the inbound one first, without their secrets.
#[utoipa::path(get, path = "/projects/{id}/webhooks", tag = "Webhooks", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Webhook>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Webhook>>> {
    Ok(Json(state.list_webhooks(&actor, project, page).await?))
}

/// Creates an outbound webhook. Its secret is shown only here.
#[utoipa::path(post, path = "/projects/{id}/webhooks", tag = "Webhooks", params(("id" = ProjectId, Path)),
    request_body = CreateWebhook, responses((status = 201, body = CreatedWebhook), Problems, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateWebhook>,
) -> ApiResult<Created<CreatedWebhook>> {
    let created = state.create_webhook(&actor, project, new).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// Creates the inbound webhook for the project's tracker. Its URL and secret are shown only here.
#[utoipa::path(post, path = "/projects/{id}/webhooks/inbound", tag = "Webhooks", params(("id" = ProjectId, Path)),
    request_body = CreateInbound, responses((status = 201, body = CreatedWebhook), Problems, Conflict))]
async fn create_inbound(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateInbound>,
) -> ApiResult<Created<CreatedWebhook>> {
    let created = state.create_inbound(&actor, project, new).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// One webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, body = Webhook), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.webhook(&actor, id).await?))
}

/// Changes an outbound webhook.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = UpdateWebhook, responses((status = 200, body = Webhook), Problems))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(change): Body<UpdateWebhook>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.update_webhook(&actor, id, change).await?))
}

/// Creates a copy of an outbound webhook, with the same URL, projects, events and settings. It is inactive, and its
/// secret is new and shown only here.
#[utoipa::path(post, path = "/webhooks/{id}/duplicate", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 201, body = CreatedWebhook), Problems, Conflict))]
async fn duplicate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> ApiResult<Created<CreatedWebhook>> {
    let created = state.duplicate_webhook(&actor, id).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// Changes the URL of an outbound webhook, and its kind of destination. If the new kind signs and the
/// old one didn't, the response has a new secret, which is shown only here.
#[utoipa::path(post, path = "/webhooks/{id}/destination", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = ChangeDestination, responses((status = 200, body = CreatedWebhook), Problems))]
async fn change_destination(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(change): Body<ChangeDestination>,
) -> ApiResult<Json<CreatedWebhook>> {
    Ok(Json(state.change_destination(&actor, id, change).await?))
}

/// Changes how a generic endpoint recognizes Testbell. Another scheme needs another secret: the old ones stop
/// at once, and the new one is shown only here.
#[utoipa::path(post, path = "/webhooks/{id}/signing", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = ChangeSigning, responses((status = 200, body = CreatedWebhook), Problems, Conflict))]
async fn change_signing(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(change): Body<ChangeSigning>,
) -> ApiResult<Json<CreatedWebhook>> {
    Ok(Json(state.change_signing(&actor, id, change).await?))
}

/// Deletes a webhook. Its deliveries are kept, or deleted as well with `history=delete`.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "Webhooks",
    params(("id" = WebhookId, Path), DeleteWebhookQuery),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Params(query): Params<DeleteWebhookQuery>,
) -> ApiResult<StatusCode> {
    match query.history.unwrap_or(WebhookHistory::Keep) {
        WebhookHistory::Keep => state.delete_webhook(&actor, id).await?,
        WebhookHistory::Delete => state.delete_webhook_and_history(&actor, id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the test event, or the sample of a subscribed event: the same bytes each time. Returns its delivery.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = SendTest, responses((status = 201, body = Delivery), Problems, Conflict))]
async fn test(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(test): Body<SendTest>,
) -> ApiResult<Created<Delivery>> {
    let delivery = state.test_webhook(&actor, id, test).await?;
    Ok(Created(format!("/deliveries/{}", delivery.id), delivery))
}

/// Re-enables a disabled outbound webhook. Its held deliveries are sent or cancelled.
#[utoipa::path(post, path = "/webhooks/{id}/enable", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = EnableWebhook, responses((status = 200, body = Webhook), Problems, Conflict))]
async fn enable(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(enable): Body<EnableWebhook>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.enable_webhook(&actor, id, enable.held_deliveries).await?))
}

/// Replaces the secret. A generated one is shown only here. Outbound: both secrets sign for 24 hours, or as
/// long as selected, if a request can carry two signatures.
/// Inbound, if the tracker signs: the URL changes as well, and the old values stop at once.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = RotateWebhook, responses((status = 200, body = CreatedWebhook), Problems, Conflict))]
async fn rotate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(rotate): Body<RotateWebhook>,
) -> ApiResult<Json<CreatedWebhook>> {
    Ok(Json(state.rotate_webhook(&actor, id, rotate).await?))
}

/// Retires the old secret now.
#[utoipa::path(post, path = "/webhooks/{id}/secrets/{sid}/retire", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("sid" = SecretId, Path)), responses((status = 200, body = Webhook), Problems, Conflict))]
async fn retire(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(id, secret): PathIds<WebhookId, SecretId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.retire_secret(&actor, id, secret).await?))
}

/// Extends the old secret by 24 hours; once.
#[utoipa::path(post, path = "/webhooks/{id}/secrets/{sid}/extend", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("sid" = SecretId, Path)), responses((status = 200, body = Webhook), Problems, Conflict))]
async fn extend(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(id, secret): PathIds<WebhookId, SecretId>,
) -> ApiResult<Json<Webhook>> {
    Ok(Json(state.extend_secret(&actor, id, secret).await?))
}
