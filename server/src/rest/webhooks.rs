//! Webhooks of both directions.

use app::model::delivery::Delivery;
use app::model::id::{ProjectId, SecretId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::webhook::{CreateInbound, CreateWebhook, CreatedWebhook, EnableWebhook, UpdateWebhook, Webhook};
use app::service::Webhooks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId, PathIds};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_inbound))
        .routes(routes!(read, update, delete))
        .routes(routes!(test))
        .routes(routes!(enable))
        .routes(routes!(rotate))
        .routes(routes!(retire))
        .routes(routes!(extend))
}

/// The project's webhooks, the inbound one first. Secrets are never part of them.
#[utoipa::path(get, path = "/projects/{id}/webhooks", tag = "Webhooks", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Webhook>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<Webhook>>> {
    Ok(Json(core.list_webhooks(&actor, project, page).await?))
}

/// Makes an outbound webhook; its secret is shown only here.
#[utoipa::path(post, path = "/projects/{id}/webhooks", tag = "Webhooks", params(("id" = ProjectId, Path)),
    request_body = CreateWebhook, responses((status = 201, body = CreatedWebhook), Problems))]
async fn create(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateWebhook>,
) -> Answer<Created<CreatedWebhook>> {
    let created = core.create_webhook(&actor, project, new).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// Makes the inbound webhook of the project's tracker; its address and secret are shown only here.
#[utoipa::path(post, path = "/projects/{id}/webhooks/inbound", tag = "Webhooks", params(("id" = ProjectId, Path)),
    request_body = CreateInbound, responses((status = 201, body = CreatedWebhook), Problems))]
async fn create_inbound(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateInbound>,
) -> Answer<Created<CreatedWebhook>> {
    let created = core.create_inbound(&actor, project, new).await?;
    Ok(Created(format!("/webhooks/{}", created.webhook.id), created))
}

/// One webhook.
#[utoipa::path(get, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, body = Webhook), Problems))]
async fn read(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<WebhookId>) -> Answer<Json<Webhook>> {
    Ok(Json(core.webhook(&actor, id).await?))
}

/// Changes an outbound webhook.
#[utoipa::path(patch, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = UpdateWebhook, responses((status = 200, body = Webhook), Problems))]
async fn update(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(change): Body<UpdateWebhook>,
) -> Answer<Json<Webhook>> {
    Ok(Json(core.update_webhook(&actor, id, change).await?))
}

/// Deletes a webhook; its deliveries stay to be read.
#[utoipa::path(delete, path = "/webhooks/{id}", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 204), Problems))]
async fn delete(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<WebhookId>) -> Answer<StatusCode> {
    core.delete_webhook(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test, the same bytes each time. The answer is the delivery to follow.
#[utoipa::path(post, path = "/webhooks/{id}/test", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 201, body = Delivery), Problems))]
async fn test(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<Created<Delivery>> {
    let delivery = core.test_webhook(&actor, id).await?;
    Ok(Created(format!("/deliveries/{}", delivery.id), delivery))
}

/// Enables a disabled outbound webhook again; what was held is sent or discarded.
#[utoipa::path(post, path = "/webhooks/{id}/enable", tag = "Webhooks", params(("id" = WebhookId, Path)),
    request_body = EnableWebhook, responses((status = 200, body = Webhook), Problems))]
async fn enable(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(enable): Body<EnableWebhook>,
) -> Answer<Json<Webhook>> {
    Ok(Json(core.enable_webhook(&actor, id, enable.held).await?))
}

/// Mints a new secret, which is shown only here. Outbound: the one before signs too for 24 hours.
/// Inbound (Jira, GitHub): the address changes as well, and the old values end at once.
#[utoipa::path(post, path = "/webhooks/{id}/rotate", tag = "Webhooks", params(("id" = WebhookId, Path)),
    responses((status = 200, body = CreatedWebhook), Problems))]
async fn rotate(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<Json<CreatedWebhook>> {
    Ok(Json(core.rotate_webhook(&actor, id).await?))
}

/// Ends a retiring secret now.
#[utoipa::path(post, path = "/webhooks/{id}/secrets/{sid}/retire", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("sid" = SecretId, Path)), responses((status = 200, body = Webhook), Problems))]
async fn retire(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathIds(id, secret): PathIds<WebhookId, SecretId>,
) -> Answer<Json<Webhook>> {
    Ok(Json(core.retire_secret(&actor, id, secret).await?))
}

/// Gives a retiring secret another 24 hours; once.
#[utoipa::path(post, path = "/webhooks/{id}/secrets/{sid}/extend", tag = "Webhooks",
    params(("id" = WebhookId, Path), ("sid" = SecretId, Path)), responses((status = 200, body = Webhook), Problems))]
async fn extend(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathIds(id, secret): PathIds<WebhookId, SecretId>,
) -> Answer<Json<Webhook>> {
    Ok(Json(core.extend_secret(&actor, id, secret).await?))
}
