//! The addresses of the pages of webhooks and deliveries.

use crate::model::id::{DeliveryId, ProjectId, WebhookId};
use crate::model::webhook::Webhook;

/// The page with all webhooks.
pub fn webhooks_path(project: ProjectId) -> String {
    format!("/projects/{project}/settings/webhooks")
}

/// The page of a webhook.
pub fn webhook_path(webhook: &Webhook) -> String {
    webhook_page_path(webhook.project_id, webhook.id)
}

/// The page of a webhook in a project.
pub fn webhook_page_path(project: ProjectId, webhook: WebhookId) -> String {
    format!("{}/{webhook}", webhooks_path(project))
}

/// The page of a webhook with several projects.
pub fn shared_webhook_path(webhook: WebhookId) -> String {
    format!("/webhooks/{webhook}")
}

/// The deliveries of a webhook.
pub fn deliveries_path(project: ProjectId, webhook: WebhookId) -> String {
    format!("{}?tab=deliveries&webhook={webhook}", webhooks_path(project))
}

/// A delivery.
pub fn delivery_path(project: ProjectId, delivery: DeliveryId) -> String {
    format!("{}?tab=deliveries&delivery={delivery}", webhooks_path(project))
}
