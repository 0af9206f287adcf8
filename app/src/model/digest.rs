//! Digests of chat tools: at most one message per interval, which sums up what happened.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::delivery::Delivery;
use super::id::{DeliveryId, ProjectId};
use super::page::{PageQuery, limit};
use super::time::millis;

/// The type of a digest. It is not in the catalog, and can't be subscribed to.
pub const DIGEST_EVENT: &str = "webhook.digest";

/// The longest interval in minutes: a day.
pub const MAX_DIGEST_MINUTES: u32 = 24 * 60;

/// So many queued deliveries of a chat tool are a reason for a digest.
pub const LONG_QUEUE: u32 = 20;

/// With fewer queued deliveries, they no longer are.
pub const SHORT_QUEUE: u32 = 5;

/// "5 minutes", "hour".
#[must_use]
pub fn interval_text(minutes: u32) -> String {
    match minutes {
        1 => "minute".to_owned(),
        60 => "hour".to_owned(),
        MAX_DIGEST_MINUTES => "day".to_owned(),
        minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}

/// The part of a delivery in a digest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DigestPart {
    /// If the delivery is a digest: how many deliveries it covers.
    pub covered: Option<u32>,
    /// If the delivery is a digest: whether its content is hidden, because it covers events of projects that the
    /// caller can't see.
    pub hidden: bool,
    /// If the delivery is a digest whose content isn't hidden: how many projects its events are of.
    pub project_count: Option<u32>,
    /// If a digest covers the delivery: the project of that digest, where the deliveries list it.
    pub project_id: Option<ProjectId>,
    /// If a replay of its digest delivered it, because the digest itself failed or was cancelled: that replay.
    #[serde(default)]
    pub delivered_by: Option<DeliveryId>,
    /// If the delivery waits for a digest: when that is sent at the earliest.
    #[serde(serialize_with = "millis")]
    pub due_at: Option<DateTime<Utc>>,
}

/// Selects a page of the deliveries of a webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookDeliveryQuery {
    /// Only those that this digest covers; for callers who can read the events of all its projects.
    pub digest: Option<DeliveryId>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

impl WebhookDeliveryQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}

impl Delivery {
    /// Its part in a digest, in a few words.
    #[must_use]
    pub fn digest_tag(&self) -> Option<&'static str> {
        match self.digest_delivery_id {
            Some(_) => Some("In a digest"),
            None if self.collected => Some("Queued for digest"),
            None => (self.event == DIGEST_EVENT).then_some("Digest"),
        }
    }

    /// Whether it is not sent itself, but with a digest.
    #[must_use]
    pub const fn is_summed_up(&self) -> bool {
        self.collected || self.digest_delivery_id.is_some()
    }
}
