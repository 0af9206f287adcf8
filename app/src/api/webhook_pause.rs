//! The pause of all outbound webhooks.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::WebhookId;
use crate::model::page::{Page, PageQuery};
use crate::model::webhook::Webhook;
#[cfg(feature = "ssr")]
use crate::model::webhook_pause::SetWebhookPause;
use crate::model::webhook_pause::{PausedWebhook, WebhookPause};

/// Whether all webhooks are paused.
#[server(prefix = "/ui", endpoint = "webhook-pause/get", protocol = PageCall<GetUrl>)]
pub async fn read_webhook_pause() -> Result<WebhookPause> {
    let (service, actor) = authenticated()?;
    with_status(service.webhook_pause(&actor).await)
}

/// Pauses all webhooks, or resumes them.
#[server(prefix = "/ui", endpoint = "webhook-pause/set", protocol = PageCall<PostUrl>)]
pub async fn pause_all_webhooks(paused: bool) -> Result<WebhookPause> {
    let (service, actor) = authenticated()?;
    with_status(service.set_webhook_pause(&actor, SetWebhookPause { paused }).await)
}

/// The webhooks that the pause stops.
#[server(prefix = "/ui", endpoint = "webhook-pause/list", protocol = PageCall<GetUrl>)]
pub async fn list_paused_webhooks(#[server(default)] page: PageQuery) -> Result<Page<PausedWebhook>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_paused_webhooks(&actor, page).await)
}

/// Resumes one webhook.
#[server(prefix = "/ui", endpoint = "webhook-pause/resume", protocol = PageCall<PostUrl>)]
pub async fn resume_webhook(id: WebhookId) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.resume_webhook(&actor, id).await)
}
