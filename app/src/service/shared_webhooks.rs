//! The services of many webhooks: those with several projects, and the pause of all.

use async_trait::async_trait;

use crate::error::Result;
use crate::model::delivery::Delivery;
use crate::model::digest::WebhookDeliveryQuery;
use crate::model::id::WebhookId;
use crate::model::page::{Page, PageQuery};
use crate::model::people::Actor;
use crate::model::webhook::{CreateWebhook, CreatedWebhook, Webhook};
use crate::model::webhook_pause::{PausedWebhook, SetWebhookPause, WebhookPause};
use crate::model::webhook_scope::{ChangedWebhooks, SelectWebhooks, WebhookQuery};

/// Webhooks with several projects, and many webhooks at once.
#[async_trait]
pub trait SharedWebhooks {
    /// The outbound webhooks with several projects, or all, oldest first: all for a system admin, also those whose
    /// projects were deleted, else those with a project that the caller administers.
    async fn list_shared_webhooks(&self, actor: &Actor, query: WebhookQuery) -> Result<Page<Webhook>>;
    /// Creates an outbound webhook with selected projects, of which one becomes its owner.
    async fn create_shared_webhook(&self, actor: &Actor, new: CreateWebhook) -> Result<CreatedWebhook>;
    /// Activates webhooks. Their held deliveries are sent.
    async fn activate_webhooks(&self, actor: &Actor, select: SelectWebhooks) -> Result<ChangedWebhooks>;
    /// Deactivates webhooks.
    async fn deactivate_webhooks(&self, actor: &Actor, select: SelectWebhooks) -> Result<ChangedWebhooks>;
    /// The deliveries of a webhook in all projects that the caller may read; for system admins also in deleted ones.
    async fn list_webhook_deliveries(
        &self,
        actor: &Actor,
        id: WebhookId,
        query: WebhookDeliveryQuery,
    ) -> Result<Page<Delivery>>;
}

/// The pause of all outbound webhooks.
#[async_trait]
pub trait WebhookPauses {
    /// Whether all are paused; for every user.
    async fn webhook_pause(&self, actor: &Actor) -> Result<WebhookPause>;
    /// Pauses all, or resumes all; for system admins.
    async fn set_webhook_pause(&self, actor: &Actor, set: SetWebhookPause) -> Result<WebhookPause>;
    /// The active webhooks that the pause stops; for system admins.
    async fn list_paused_webhooks(&self, actor: &Actor, page: PageQuery) -> Result<Page<PausedWebhook>>;
    /// Resumes one during the pause; for system admins.
    async fn resume_webhook(&self, actor: &Actor, id: WebhookId) -> Result<Webhook>;
}
