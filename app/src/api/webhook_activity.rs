//! The activity and the statistics of webhooks.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::id::WebhookId;
use crate::model::webhook::{HeldDeliveriesAction, Webhook};
use crate::model::webhook_stats::{StatsPeriod, WebhookStats};

/// Activates an inactive webhook.
#[server(prefix = "/ui", endpoint = "webhooks/activate", protocol = PageCall<PostUrl>)]
pub async fn activate_webhook(id: WebhookId, held: HeldDeliveriesAction) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.activate_webhook(&actor, id, held).await)
}

/// Deactivates a webhook.
#[server(prefix = "/ui", endpoint = "webhooks/deactivate", protocol = PageCall<PostUrl>)]
pub async fn deactivate_webhook(id: WebhookId) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    with_status(service.deactivate_webhook(&actor, id).await)
}

/// What a webhook has sent in a period.
#[server(prefix = "/ui", endpoint = "webhooks/stats", protocol = PageCall<GetUrl>)]
pub async fn read_webhook_stats(id: WebhookId, period: StatsPeriod) -> Result<WebhookStats> {
    let (service, actor) = authenticated()?;
    with_status(service.webhook_stats(&actor, id, period).await)
}
