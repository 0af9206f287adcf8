//! Replays by time range: what a webhook failed to deliver, or what it missed while it was disabled, inactive or
//! didn't exist yet. A replay runs in the background and can be stopped.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{ProjectId, RangeReplayId, WebhookId};
use super::string_enum;
use super::time::millis;

string_enum! {
    /// What a replay sends.
    ReplaySource {
        /// Deliveries that are exhausted, or were cancelled after a failed attempt, whose event has not been delivered
        /// since.
        Failed = "failed", "Failed deliveries";
        /// Events that match the webhook's subscriptions and were never sent to it.
        Missed = "missed", "Missed events";
    }
}

string_enum! {
    /// The state of a replay.
    RangeReplayStatus {
        /// Deliveries are being queued.
        Running = "running", "Running";
        /// It continues when the webhook is enabled and active.
        Waiting = "waiting", "Waiting";
        /// What it queued is being cancelled.
        Stopping = "stopping", "Stopping";
        /// It was stopped.
        Stopped = "stopped", "Stopped";
        /// All deliveries are queued.
        Completed = "completed", "Completed";
    }
}

impl RangeReplayStatus {
    /// Whether it will change by itself.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Running | Self::Waiting | Self::Stopping)
    }

    /// Whether it can be stopped.
    #[must_use]
    pub const fn can_be_stopped(self) -> bool {
        matches!(self, Self::Running | Self::Waiting)
    }
}

/// The maximum number of deliveries of one replay. One of which only the beginning was counted ends there.
pub const MAX_RANGE_REPLAY: u32 = 10_000;

/// Selects what a replay sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema, utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase")]
pub struct ReplayRange {
    /// What it sends.
    #[cfg_attr(feature = "ssr", param(inline))]
    pub source: ReplaySource,
    /// The begin: when a failed delivery was queued, or a missed event happened.
    pub since: DateTime<Utc>,
    /// The end, which is not included; now if it is missing or in the future.
    #[serde(default)]
    pub until: Option<DateTime<Utc>>,
}

/// What a replay of a range would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplayCount {
    /// At most 10,000.
    pub count: u32,
    /// Whether there is more, so that the range can't be replayed at once.
    pub capped: bool,
    /// Whether only the beginning of a long range was counted, because few of its events meet the webhook's
    /// conditions. Then there may be more, up to the maximum.
    pub at_least: bool,
    /// The begin of the range.
    #[serde(serialize_with = "millis")]
    pub since: DateTime<Utc>,
    /// Its end.
    #[serde(serialize_with = "millis")]
    pub until: DateTime<Utc>,
}

/// A replay by time range, with its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RangeReplay {
    /// Its ID.
    pub id: RangeReplayId,
    /// The project of the webhook.
    pub project_id: ProjectId,
    /// The webhook.
    pub webhook_id: WebhookId,
    /// What it sends.
    pub source: ReplaySource,
    /// The begin of the range.
    #[serde(serialize_with = "millis")]
    pub since: DateTime<Utc>,
    /// Its end, which is not included.
    #[serde(serialize_with = "millis")]
    pub until: DateTime<Utc>,
    /// The state.
    pub status: RangeReplayStatus,
    /// What was counted when it started.
    pub total: u32,
    /// Whether only the beginning of the range was counted, so that there may be more.
    pub total_at_least: bool,
    /// How many deliveries were queued so far.
    pub queued: u32,
    /// How many were skipped, because the event was sent or is no longer stored.
    pub skipped: u32,
    /// How many of the queued deliveries were delivered. This and the following counts don't include deliveries
    /// that were deleted from the history.
    pub delivered: u32,
    /// How many wait for an attempt, or are held.
    pub waiting: u32,
    /// How many are exhausted.
    pub exhausted: u32,
    /// How many were cancelled.
    pub cancelled: u32,
    /// The name of who started it.
    pub requested_by: String,
    /// When it was started.
    #[serde(serialize_with = "millis")]
    pub requested_at: DateTime<Utc>,
    /// The name of who stopped it; null if nobody did, or if the webhook was deleted.
    pub stopped_by: Option<String>,
    /// When it was completed or had stopped.
    #[serde(serialize_with = "millis")]
    pub finished_at: Option<DateTime<Utc>>,
}
