//! Webhooks of both directions.

use app::model::id::{ProjectId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::webhook::{CreateInbound, CreateWebhook, CreatedWebhook, UpdateWebhook, Webhook};
use app::service::Webhooks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(create_inbound))
        .routes(routes!(read, update, delete))
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
