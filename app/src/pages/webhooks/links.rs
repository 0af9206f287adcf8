//! The addresses of the pages of webhooks and deliveries.

use crate::model::id::{DeliveryId, ProjectId, WebhookId};
use crate::model::webhook::Webhook;

/// The page with all webhooks.
pub fn webhooks_path(project: ProjectId) -> String {
    format!("/projects/{project}/settings/webhooks")
}

/// The page of a webhook.
pub fn webhook_path(webhook: &Webhook) -> String {
    format!("{}/{}", webhooks_path(webhook.project_id), webhook.id)
}

/// The deliveries of a webhook.
pub fn deliveries_path(project: ProjectId, webhook: WebhookId) -> String {
    format!("{}?tab=deliveries&webhook={webhook}", webhooks_path(project))
}

/// A delivery.
pub fn delivery_path(project: ProjectId, delivery: DeliveryId) -> String {
    format!("{}?tab=deliveries&delivery={delivery}", webhooks_path(project))
}
