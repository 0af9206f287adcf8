//! Deliveries: an event on its way to one endpoint with its attempts, or an inbound event with
//! what became of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{AttemptId, DeliveryId, EventId, IssueId, ProjectId, WebhookId};
use super::page::PageQuery;
use super::string_enum;
use super::time::millis;
use super::webhook::Direction;

string_enum! {
    /// The status of a delivery.
    DeliveryStatus {
        /// Waiting for the first or the next attempt.
        Pending = "pending", "Queued";
        /// The endpoint answered 2xx; an inbound event was accepted.
        Delivered = "delivered", "Delivered";
        /// No attempt is left; an inbound event was refused after it had been verified.
        Failed = "failed", "Failed";
        /// Its webhook is disabled: it waits until somebody enables it again, and then for its
        /// turn, as what was held is sent in order.
        Held = "held", "Held";
        /// It was held, and not wanted any more when its webhook was enabled again.
        Discarded = "discarded", "Cancelled";
    }
}

string_enum! {
    /// The outcome of an inbound event, as in the response.
    InboundOutcome {
        /// The issue was changed.
        Applied = "applied", "Applied";
        /// The issue was imported.
        Created = "created", "Created";
        /// The stored issue is as new or newer.
        Unchanged = "unchanged", "Unchanged";
        /// Nothing that Testbell follows.
        Ignored = "ignored", "Ignored";
        /// The same body was received before.
        Duplicate = "duplicate", "Duplicate";
        /// A test sent from Testbell.
        Test = "test", "Test";
    }
}

/// A delivery as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its ID.
    pub id: DeliveryId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The webhook; it may have been deleted since.
    pub webhook_id: WebhookId,
    /// The webhook's name.
    pub webhook_name: String,
    /// Whether the webhook was deleted since: there is nowhere to replay it to.
    pub webhook_deleted: bool,
    /// Which way.
    pub direction: Direction,
    /// The event's name: Testbell's for outbound, the tracker's for inbound.
    pub event: String,
    /// What it is about, as it was called when it was queued or received, such as
    /// `#12 Card payment fails`. Null when that is not known.
    pub subject: Option<String>,
    /// The id that the endpoint sees as `webhook-id`; outbound only.
    pub event_id: Option<EventId>,
    /// The tracker's own id of it, as its log shows it: `X-GitHub-Delivery`,
    /// `X-Atlassian-Webhook-Identifier`, or the `notificationId` of Azure DevOps; inbound only.
    pub tracker_delivery_id: Option<String>,
    /// The status.
    pub status: DeliveryStatus,
    /// The outcome of an inbound event.
    pub outcome: Option<InboundOutcome>,
    /// The status of the latest response; for inbound the one that was answered.
    pub status_code: Option<u16>,
    /// Why the latest attempt failed, or why the event was refused, ignored or changed nothing.
    pub error: Option<String>,
    /// The number of attempts made.
    pub attempt_count: u32,
    /// The maximum number of attempts, plus one for each that was answered by a request to wait.
    pub max_attempts: u32,
    /// How long the latest attempt or the receipt took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Whether it is a test.
    pub test: bool,
    /// The delivery that this one replays.
    pub replay_of: Option<DeliveryId>,
    /// When it was queued or received.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When the next attempt is due.
    #[serde(serialize_with = "millis")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    #[serde(serialize_with = "millis")]
    pub finished_at: Option<DateTime<Utc>>,
}

impl Delivery {
    /// The delivery while its endpoint is paused: nothing is attempted before the end of the pause.
    #[must_use]
    pub fn paused(self, until: Option<DateTime<Utc>>) -> Self {
        Self { next_attempt_at: self.next_attempt_at.map(|at| until.map_or(at, |until| at.max(until))), ..self }
    }
}

/// A delivery with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Where the latest attempt went, credentials covered. Before the first attempt, and where an
    /// attempt has no `destination`, it is the webhook's current URL. For inbound it is the
    /// tracker's name.
    pub destination: String,
    /// The body that the latest attempt sent, or that the first one will send. Inbound events keep
    /// none.
    pub body: Option<String>,
    /// SHA-256 of an inbound body, as hex.
    pub digest: Option<String>,
    /// The issue that an inbound event touched.
    pub issue_id: Option<IssueId>,
    /// Every attempt, the first one first.
    pub attempts: Vec<Attempt>,
    /// The delivery and all that replay it or that it replays, the oldest first; empty when there
    /// is no replay. What was purged since is no part of it.
    pub chain: Vec<ChainLink>,
}

/// A delivery within a chain of replays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainLink {
    /// Its ID.
    pub id: DeliveryId,
    /// The delivery that it replays; it may have been purged since.
    pub replay_of: Option<DeliveryId>,
    /// The status.
    pub status: DeliveryStatus,
    /// When it was queued.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// The type of the event that a test of an outbound webhook sends. It is none of the catalogue's:
/// nothing that happens has it, and nobody can subscribe to it.
pub const TEST_EVENT: &str = "webhook.test";

/// The most deliveries that are replayed at once.
pub const REPLAY_MAX: usize = 100;

/// Replays deliveries; inbound ones are left out, and none is sent when a webhook was deleted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplayDeliveries {
    /// 1 to 100 of one project; more are refused as a whole.
    pub ids: Vec<DeliveryId>,
}

/// The replayed deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The new deliveries, in the order of those that they replay.
    pub queued: Vec<Delivery>,
    /// How many were skipped: they are inbound or, of what a filter found, of deleted webhooks.
    pub skipped: u32,
}

/// One request of a delivery and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its ID.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    #[serde(serialize_with = "millis")]
    pub started_at: DateTime<Utc>,
    /// From connecting to the last byte kept, in milliseconds.
    pub duration_ms: u32,
    /// The status code of the response; null without a response.
    pub status_code: Option<u16>,
    /// The error; null for a success.
    pub error: Option<String>,
    /// Where it went, credentials covered; null when nothing was sent, and for attempts that were
    /// made before this was stored.
    pub destination: Option<String>,
    /// The headers as sent.
    pub request_headers: Vec<Header>,
    /// The body as sent; null when nothing was sent, and where it was not stored.
    pub request_body: Option<String>,
    /// The response headers.
    pub response_headers: Vec<Header>,
    /// The first 16 KiB of the response body, as text.
    pub response_body: Option<String>,
    /// Whether the body was longer.
    pub response_truncated: bool,
}

/// A header of a request or a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// In lower case.
    pub name: String,
    /// Its value; bytes that are no text are replaced.
    pub value: String,
}

/// The most deliveries that are counted.
pub const MAX_COUNTED_DELIVERIES: u32 = 10_000;

/// How many deliveries a filter finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCount {
    /// At most 10,000.
    pub count: u32,
    /// Whether there are more.
    pub capped: bool,
}

/// Which deliveries are asked for. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct DeliveryQuery {
    /// Only where it stands there.
    pub status: Option<DeliveryStatus>,
    /// Only this way.
    pub direction: Option<Direction>,
    /// Only of this webhook.
    pub webhook_id: Option<WebhookId>,
    /// Only of this event.
    pub event: Option<String>,
    /// Only queued or received at or after this.
    pub since: Option<DateTime<Utc>>,
    /// Only queued or received before this.
    pub until: Option<DateTime<Utc>>,
    /// How many items at most: 1 to 200; 50 by default.
    #[serde(deserialize_with = "super::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` or `previousCursor` of another page.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}
