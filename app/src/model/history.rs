//! The delivery history: how long it is kept, and what is deleted by hand.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{HistoryPurgeId, ProjectId, WebhookId};
use super::string_enum;
use super::time::millis;

/// How many days the history can be kept.
pub const RETENTION_CHOICES: [u32; 5] = [7, 14, 30, 90, 365];

/// What confirms that the history of all projects is deleted.
pub const CLEAR_ALL_CONFIRMATION: &str = "delete all history";

/// The settings of the instance, for system admins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InstanceSettings {
    /// After how many days deliveries and events are deleted.
    pub retention_days: u32,
    /// Whether that was set here. If not, it is the deployment's `TESTBELL_RETENTION_DAYS`.
    pub retention_days_set: bool,
    /// How many active outbound webhooks a project may have; null without a limit.
    pub max_active_webhooks: Option<u32>,
    /// The outbound proxy of the deployment; null if it has none.
    pub outbound_proxy: Option<OutboundProxySettings>,
}

/// The proxy for requests to webhooks and trackers. It resolves host names, so it has to refuse private addresses:
/// Testbell refuses only private addresses in URLs, and local names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutboundProxySettings {
    /// Its URL, without credentials.
    pub url: String,
    /// Hosts with their subdomains, addresses and networks that are reached without it. Testbell checks their
    /// addresses.
    pub except: Vec<String>,
}

/// Changes the settings of the instance. Absent fields stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateInstanceSettings {
    /// 7, 14, 30, 90 or 365.
    pub retention_days: Option<u32>,
    /// At most 1000; 0 for no limit. Webhooks that are active already stay active.
    pub max_active_webhooks: Option<u32>,
}

string_enum! {
    /// The part of a delivery that is erased.
    ErasedPart {
        /// The body of its event. It is the same in all deliveries of the event.
        Payload = "payload", "Payload";
        /// The headers and the body of responses.
        Response = "response", "Response";
    }
}

/// Erases a part of a delivery for good. The delivery stays in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EraseContent {
    /// The part.
    pub part: ErasedPart,
    /// The number of the attempt whose response is erased. By default, those of all attempts.
    #[serde(default)]
    pub attempt: Option<u32>,
}

/// Who erased something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Erasure {
    /// When.
    #[serde(serialize_with = "millis")]
    pub at: DateTime<Utc>,
    /// The name of the user.
    pub by: String,
}

/// Deletes the finished deliveries of a project, or of one of its webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClearHistory {
    /// Only of this webhook, which may be deleted.
    #[serde(default)]
    pub webhook_id: Option<WebhookId>,
    /// Confirms it: the key of the project, or the name of the webhook.
    pub confirm: String,
}

/// Deletes the finished deliveries of all projects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClearAllHistory {
    /// Confirms it: `delete all history`.
    pub confirm: String,
}

/// A deletion of history, which runs in the background. The audit log has its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HistoryPurge {
    /// Its ID.
    pub id: HistoryPurgeId,
    /// The project; null for all projects.
    pub project_id: Option<ProjectId>,
    /// The webhook; null for all webhooks.
    pub webhook_id: Option<WebhookId>,
    /// When it was requested. Later deliveries are kept.
    #[serde(serialize_with = "millis")]
    pub requested_at: DateTime<Utc>,
}

string_enum! {
    /// What happens to the deliveries of a deleted webhook.
    WebhookHistory {
        /// They are kept until the retention period ends.
        Keep = "keep", "Keep";
        /// They are deleted as well.
        Delete = "delete", "Delete";
    }
}

/// How a webhook is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct DeleteWebhookQuery {
    /// What happens to its deliveries. By default, they are kept.
    #[cfg_attr(feature = "ssr", param(inline))]
    pub history: Option<WebhookHistory>,
}

string_enum! {
    /// The format of an export.
    ExportFormat {
        /// One JSON array.
        Json = "json", "JSON";
        /// A JSON object per line.
        Ndjson = "ndjson", "NDJSON";
    }
}
