//! The delivery history, and the settings of the instance.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
#[cfg(feature = "ssr")]
use crate::error::Error;
use crate::error::Result;
#[cfg(feature = "ssr")]
use crate::model::history::{
    ClearAllHistory as ClearEverything, ClearHistory as ClearDeliveries, EraseContent as Erase, UpdateInstanceSettings,
};
use crate::model::history::{ErasedPart, HistoryPurge, InstanceSettings};
use crate::model::id::{DeliveryId, ProjectId, WebhookId};

/// The settings of the instance.
#[server(prefix = "/ui", endpoint = "settings/get", protocol = PageCall<GetUrl>)]
pub async fn read_instance_settings() -> Result<InstanceSettings> {
    let (service, actor) = authenticated()?;
    with_status(service.instance_settings(&actor).await)
}

/// Changes after how many days the history is deleted.
#[server(prefix = "/ui", endpoint = "settings/retention", protocol = PageCall<PostUrl>)]
pub async fn set_retention(retention_days: u32) -> Result<InstanceSettings> {
    let (service, actor) = authenticated()?;
    let change = UpdateInstanceSettings { retention_days: Some(retention_days), ..UpdateInstanceSettings::default() };
    with_status(service.update_instance_settings(&actor, change).await)
}

/// Changes how many active webhooks a project may have. Empty for no limit.
#[server(prefix = "/ui", endpoint = "settings/webhook-limit", protocol = PageCall<PostUrl>)]
pub async fn set_webhook_limit(#[server(default)] max_active_webhooks: String) -> Result<InstanceSettings> {
    let (service, actor) = authenticated()?;
    let text = max_active_webhooks.trim();
    let limit = if text.is_empty() { Ok(0) } else { text.parse() };
    let Ok(limit) = limit else {
        return with_status(Err(Error::field("maxActiveWebhooks", "Enter a whole number.")));
    };
    let change = UpdateInstanceSettings { max_active_webhooks: Some(limit), ..UpdateInstanceSettings::default() };
    with_status(service.update_instance_settings(&actor, change).await)
}

/// Deletes the history of all projects.
#[server(prefix = "/ui", endpoint = "history/clear-all", protocol = PageCall<PostUrl>)]
pub async fn clear_all_history(#[server(default)] confirm: String) -> Result<HistoryPurge> {
    let (service, actor) = authenticated()?;
    with_status(service.clear_all_history(&actor, ClearEverything { confirm }).await)
}

/// Deletes the history of a project or of one of its webhooks.
#[server(prefix = "/ui", endpoint = "history/clear", protocol = PageCall<PostUrl>)]
pub async fn clear_history(
    project: ProjectId,
    #[server(default)] webhook: Option<WebhookId>,
    #[server(default)] confirm: String,
) -> Result<HistoryPurge> {
    let (service, actor) = authenticated()?;
    with_status(service.clear_history(&actor, project, ClearDeliveries { webhook_id: webhook, confirm }).await)
}

/// Erases the payload or the responses of a delivery.
#[server(prefix = "/ui", endpoint = "history/erase", protocol = PageCall<PostUrl>)]
pub async fn erase_content(id: DeliveryId, part: ErasedPart) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.erase_content(&actor, id, Erase { part, attempt: None }).await)
}

/// Deletes a webhook with its history.
#[server(prefix = "/ui", endpoint = "history/delete-webhook", protocol = PageCall<PostUrl>)]
pub async fn delete_webhook_and_history(id: WebhookId) -> Result<()> {
    let (service, actor) = authenticated()?;
    with_status(service.delete_webhook_and_history(&actor, id).await)
}
