//! Notifications of a user about webhooks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::catalog::EventType;
use super::id::{NotificationId, ProjectId, WebhookId};
use super::time::millis;

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its ID.
    pub id: NotificationId,
    /// The project.
    pub project_id: ProjectId,
    /// The name of the project.
    pub project_name: String,
    /// What happened.
    pub event: EventType,
    /// The webhook, which may be deleted.
    pub webhook_id: WebhookId,
    /// The name that the webhook had then.
    pub webhook_name: String,
    /// What happened, in a sentence.
    pub reason: String,
    /// When it happened.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// Whether the user has read it.
    pub read: bool,
}

/// The number of unread notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UnreadNotifications {
    /// At most 100.
    pub unread: u32,
}

/// The highest number of unread notifications that is counted.
pub const MAX_UNREAD: u32 = 100;

/// Marks notifications as read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ReadNotifications {
    /// At most 100. Absent or null: all.
    pub ids: Option<Vec<NotificationId>>,
}
