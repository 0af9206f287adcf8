//! Summaries for the pages of a project: counts in the navigation, and the latest deliveries of
//! each webhook.

use serde::{Deserialize, Serialize};

use super::catalog::Subject;
use super::id::WebhookId;

/// The maximum number of deliveries in a webhook's sparkline.
pub const RECENT_DELIVERIES: usize = 50;

/// Counts stop here; more is shown as "9,999+".
pub const MAX_COUNT: u32 = 9_999;

/// The counts in the navigation of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectCounts {
    /// The items of each subject: all cases, open issues, and runs and sessions that are not
    /// completed.
    pub items: Vec<(Subject, u32)>,
    /// Webhooks that are degraded or disabled.
    pub unhealthy_webhooks: u32,
}

impl ProjectCounts {
    /// The count of a subject.
    #[must_use]
    pub fn for_subject(&self, subject: Subject) -> u32 {
        self.items.iter().find(|(of, _)| *of == subject).map_or(0, |(_, count)| *count)
    }
}

/// The outcome of a delivery in a sparkline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecentOutcome {
    /// Delivered or accepted.
    #[serde(rename = "d")]
    Delivered,
    /// No attempt is left, or the event was refused.
    #[serde(rename = "f")]
    Exhausted,
    /// The latest attempt failed. It will be retried.
    #[serde(rename = "r")]
    Failed,
    /// Pending, held or cancelled.
    #[serde(rename = "o")]
    Other,
}

/// A delivery in a sparkline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDelivery {
    /// The outcome.
    pub outcome: RecentOutcome,
    /// The duration of its latest attempt in milliseconds.
    pub duration_ms: Option<u32>,
}

/// The latest deliveries of a webhook, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDeliveries {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// At most [`RECENT_DELIVERIES`].
    pub deliveries: Vec<RecentDelivery>,
}
