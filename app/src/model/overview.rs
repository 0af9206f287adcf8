//! What the pages of a project show at a glance: counts in the navigation, and how the latest
//! deliveries of each webhook went.

use serde::{Deserialize, Serialize};

use super::id::WebhookId;

/// The deliveries of a webhook that its sparkline shows, at most.
pub const RECENT_DELIVERIES: usize = 50;

/// Each count stops here: what is more is shown as "9,999+".
pub const MAX_COUNT: u32 = 9_999;

/// The counts in the navigation of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectCounts {
    /// Open issues.
    pub open_issues: u32,
    /// Test cases.
    pub cases: u32,
    /// Runs that are not completed.
    pub open_runs: u32,
    /// Sessions that are not completed.
    pub open_sessions: u32,
    /// Webhooks that are degraded or disabled.
    pub unhealthy_webhooks: u32,
}

/// How a delivery went, as far as a sparkline shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecentOutcome {
    /// Delivered or accepted.
    #[serde(rename = "d")]
    Delivered,
    /// It failed for good.
    #[serde(rename = "f")]
    Failed,
    /// It has failed at least once, and is tried again.
    #[serde(rename = "r")]
    Retrying,
    /// Queued, held or cancelled.
    #[serde(rename = "o")]
    Other,
}

/// One delivery of a sparkline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDelivery {
    /// How it went.
    pub outcome: RecentOutcome,
    /// How long its latest attempt took.
    pub duration_ms: Option<u32>,
}

/// The latest deliveries of a webhook, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDeliveries {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// At most [`RECENT_DELIVERIES`].
    pub deliveries: Vec<RecentDelivery>,
}
