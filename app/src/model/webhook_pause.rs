//! The pause of all outbound webhooks, which system admins begin and end.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{ProjectId, WebhookId};
use super::time::millis;
use super::webhook::WebhookKind;
use super::webhook_scope::WebhookScope;

/// Whether all outbound webhooks are paused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookPause {
    /// Whether they are.
    pub paused: bool,
    /// When the pause began; null if there is none.
    #[serde(serialize_with = "millis")]
    pub since: Option<DateTime<Utc>>,
    /// The name of the system admin who began it; null if there is none.
    pub by: Option<String>,
    /// How many active webhooks are paused. Resumed ones are not counted.
    pub webhook_count: u32,
}

/// Pauses all outbound webhooks, or resumes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetWebhookPause {
    /// True also pauses those that were resumed one by one. False resumes all and ends the pause.
    pub paused: bool,
}

/// An active webhook that the pause stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PausedWebhook {
    /// Its ID.
    pub id: WebhookId,
    /// The name.
    pub name: String,
    /// The destination.
    pub kind: WebhookKind,
    /// The URL of the endpoint, with its credentials redacted.
    pub url: String,
    /// The projects whose events it sends.
    pub scope: WebhookScope,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The name of the project.
    pub project_name: String,
    /// How many deliveries are held.
    pub held_count: u32,
}
