//! Webhooks with several projects, and many webhooks at once.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, PostUrl};

use super::page_call::PageCall;
#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::delivery::Delivery;
use crate::model::digest::WebhookDeliveryQuery;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::page::Page;
#[cfg(feature = "ssr")]
use crate::model::webhook::UpdateWebhook;
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::{ChangedWebhooks, WebhookQuery};
#[cfg(feature = "ssr")]
use crate::model::webhook_scope::{SelectScope, SelectWebhooks};

/// The webhooks with several projects.
#[server(prefix = "/ui", endpoint = "shared-webhooks/list", protocol = PageCall<GetUrl>)]
pub async fn list_shared_webhooks(#[server(default)] query: WebhookQuery) -> Result<Page<Webhook>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_shared_webhooks(&actor, query).await)
}

/// Activates or deactivates webhooks.
#[server(prefix = "/ui", endpoint = "shared-webhooks/activity", protocol = PageCall<PostUrl>)]
pub async fn set_webhooks_active(#[server(default)] ids: Vec<WebhookId>, active: bool) -> Result<ChangedWebhooks> {
    let (service, actor) = authenticated()?;
    let select = SelectWebhooks { ids };
    with_status(match active {
        true => service.activate_webhooks(&actor, select).await,
        false => service.deactivate_webhooks(&actor, select).await,
    })
}

/// The deliveries of a webhook in all projects that the caller may read.
#[server(prefix = "/ui", endpoint = "shared-webhooks/deliveries", protocol = PageCall<GetUrl>)]
pub async fn list_webhook_deliveries(
    id: WebhookId,
    #[server(default)] query: WebhookDeliveryQuery,
) -> Result<Page<Delivery>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_webhook_deliveries(&actor, id, query).await)
}

/// Changes the projects of a webhook.
#[server(prefix = "/ui", endpoint = "shared-webhooks/scope", protocol = PageCall<PostUrl>)]
pub async fn change_projects(
    id: WebhookId,
    #[server(default)] all: bool,
    #[server(default)] projects: Vec<ProjectId>,
) -> Result<Webhook> {
    let (service, actor) = authenticated()?;
    let change = UpdateWebhook { scope: Some(SelectScope::from_form(all, projects)), ..UpdateWebhook::default() };
    with_status(service.update_webhook(&actor, id, change).await)
}
