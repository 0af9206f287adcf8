//! Deliveries: an event sent to one endpoint, with its attempts, or a received inbound event with
//! its outcome.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::digest::DigestPart;
use super::history::Erasure;
use super::id::{AttemptId, DeliveryId, EventId, IssueId, ProjectId, RangeReplayId, WebhookId};
use super::item_id::ItemId;
use super::page::PageQuery;
use super::string_enum;
use super::time::millis;
use super::webhook::Direction;

string_enum! {
    /// The status of a delivery.
    DeliveryStatus {
        /// It waits for its first attempt.
        Pending = "pending", "Pending";
        /// The latest attempt failed. It will be retried.
        Failed = "failed", "Failed";
        /// The endpoint responded with 2xx; the inbound event was accepted.
        Delivered = "delivered", "Delivered";
        /// It failed, and no attempt is left.
        Exhausted = "exhausted", "Exhausted";
        /// The webhook is disabled, inactive or paused. Held deliveries are sent in order when it sends again.
        Held = "held", "Held";
        /// It won't be sent: it was cancelled by a user, with its webhook, or because the webhook was inactive.
        Cancelled = "cancelled", "Cancelled";
        /// The verified inbound event was refused.
        Refused = "refused", "Refused";
    }
}

impl DeliveryStatus {
    /// Whether an attempt is due, or will be.
    #[must_use]
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Pending | Self::Failed)
    }

    /// Whether it can be cancelled.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Pending | Self::Failed | Self::Held)
    }

    /// Whether a user can ask for an attempt now.
    #[must_use]
    pub const fn can_be_retried(self) -> bool {
        matches!(self, Self::Pending | Self::Failed | Self::Exhausted)
    }
}

string_enum! {
    /// The outcome of an inbound event, as in the response.
    InboundOutcome {
        /// The issue or milestone changed.
        Applied = "applied", "Applied";
        /// The issue or milestone was imported.
        Created = "created", "Created";
        /// The stored issue or milestone is as new or newer.
        Unchanged = "unchanged", "Unchanged";
        /// Not an event that Testbell uses.
        Ignored = "ignored", "Ignored";
        /// The same body was received before.
        Duplicate = "duplicate", "Duplicate";
        /// A test sent from Testbell.
        Test = "test", "Test";
    }
}

/// A delivery in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// Its ID.
    pub id: DeliveryId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The webhook, which may be deleted.
    pub webhook_id: WebhookId,
    /// The webhook's name.
    pub webhook_name: String,
    /// Whether the webhook is deleted. The delivery can't be replayed then.
    pub webhook_deleted: bool,
    /// Whether its project was deleted. Only system admins see it, in the deliveries of its webhook.
    #[serde(default)]
    pub orphaned: bool,
    /// The direction.
    pub direction: Direction,
    /// The event's name: Testbell's for outbound, the tracker's for inbound.
    pub event: String,
    /// What it is about, as it was named then, e.g. `#12 Card payment fails`. Null if unknown.
    pub subject: Option<String>,
    /// The event ID, sent as `webhook-id`; outbound only.
    pub event_id: Option<EventId>,
    /// The tracker's ID of the delivery, as its log shows it: `X-GitHub-Delivery`,
    /// `X-Gitlab-Event-UUID`, `X-Gitea-Delivery`, `Linear-Delivery`, `X-Atlassian-Webhook-Identifier`, or the `notificationId` of Azure DevOps; inbound only.
    pub tracker_delivery_id: Option<String>,
    /// The status.
    pub status: DeliveryStatus,
    /// The outcome of an inbound event.
    pub outcome: Option<InboundOutcome>,
    /// The status code of the latest response; for inbound, of Testbell's response.
    pub status_code: Option<u16>,
    /// Why the latest attempt failed, or why the event was refused, ignored or changed nothing.
    pub error: Option<String>,
    /// The number of attempts so far.
    pub attempt_count: u32,
    /// The maximum number of attempts, plus one for each that the endpoint asked to wait.
    pub max_attempts: u32,
    /// The duration of the latest attempt or of receiving the event, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Whether it is a test.
    pub test: bool,
    /// The delivery that it replays.
    pub replay_of: Option<DeliveryId>,
    /// The replay by time range that queued it.
    pub replay_id: Option<RangeReplayId>,
    /// The digest that covers it.
    pub digest_delivery_id: Option<DeliveryId>,
    /// Whether it waits for the next digest.
    pub collected: bool,
    /// Whether the caller may retry, cancel and replay it. Its status may not allow it.
    #[serde(default)]
    pub can_change: bool,
    /// When it was queued or received.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When the next attempt is due.
    #[serde(serialize_with = "millis")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered, failed or was cancelled.
    #[serde(serialize_with = "millis")]
    pub finished_at: Option<DateTime<Utc>>,
}

impl Delivery {
    /// Whether it sends an event again, or one that its webhook missed.
    #[must_use]
    pub const fn is_replay(&self) -> bool {
        self.replay_of.is_some() || self.replay_id.is_some()
    }

    /// Shows a queued delivery while its endpoint is paused: no attempt is made before the pause ends.
    #[must_use]
    pub fn paused(self, until: Option<DateTime<Utc>>) -> Self {
        Self { next_attempt_at: self.next_attempt_at.map(|at| until.map_or(at, |until| at.max(until))), ..self }
    }
}

/// A delivery with all details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Where the latest attempt was sent, without credentials. Before the first attempt, or if an
    /// attempt has no `destination`, the webhook's current URL. For inbound, the tracker's name.
    pub destination: String,
    /// The body of the latest attempt, or the one that the first attempt will send. Not stored for inbound events.
    pub body: Option<String>,
    /// Who erased the payload, if it was.
    pub payload_erased: Option<Erasure>,
    /// SHA-256 of an inbound body, in hex.
    pub body_sha256: Option<String>,
    /// The issue of an inbound event.
    pub issue_id: Option<IssueId>,
    /// The ID of the case, run, session or issue that it is about. Null if that was deleted or isn't known.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>))]
    pub subject_id: Option<ItemId>,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The original delivery and all its replays, oldest first, except those already purged. Empty without replays.
    pub chain: Vec<ChainLink>,
    /// Its part in a digest, if it has one.
    pub digest_part: Option<DigestPart>,
}

/// A [`DeliveryDetail`] as pages get it. What is flattened would need a buffering deserializer in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "see the fields of `DeliveryDetail`")]
pub struct DeliveryPage {
    pub delivery: Delivery,
    pub destination: String,
    pub body: Option<String>,
    pub payload_erased: Option<Erasure>,
    pub body_sha256: Option<String>,
    pub issue_id: Option<IssueId>,
    pub subject_id: Option<ItemId>,
    pub attempts: Vec<Attempt>,
    pub chain: Vec<ChainLink>,
    pub digest_part: Option<DigestPart>,
}

impl From<DeliveryDetail> for DeliveryPage {
    fn from(detail: DeliveryDetail) -> Self {
        let DeliveryDetail {
            delivery,
            destination,
            body,
            payload_erased,
            body_sha256,
            issue_id,
            subject_id,
            attempts,
            chain,
            digest_part,
        } = detail;
        Self {
            delivery,
            destination,
            body,
            payload_erased,
            body_sha256,
            issue_id,
            subject_id,
            attempts,
            chain,
            digest_part,
        }
    }
}

/// A delivery in a chain of replays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainLink {
    /// Its ID.
    pub id: DeliveryId,
    /// The delivery that it replays, which may have been purged.
    pub replay_of: Option<DeliveryId>,
    /// The status.
    pub status: DeliveryStatus,
    /// When it was queued.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// The type of the test event. It is not in the catalog, and can't be subscribed to.
pub const TEST_EVENT: &str = "webhook.test";

/// The maximum number of deliveries that can be replayed, retried or cancelled at once.
pub const MAX_REPLAYED_DELIVERIES: usize = 100;

string_enum! {
    /// What a user does with a delivery that was not delivered.
    ManualAction {
        /// Makes the next attempt now.
        Retry = "retry", "Retry now";
        /// Cancels it.
        Cancel = "cancel", "Cancel";
    }
}

/// The deliveries that an operation changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliverySelection {
    /// 1 to 100 IDs, all from one project; otherwise nothing is changed.
    pub ids: Vec<DeliveryId>,
}

/// The deliveries that an operation changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangedDeliveries {
    /// The changed deliveries, oldest first.
    pub changed: Vec<Delivery>,
    /// How many were skipped, because their status doesn't allow it or an attempt is in flight.
    pub skipped: u32,
}

/// Replays deliveries. Inbound ones are skipped. If a webhook was deleted, nothing is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplayDeliveries {
    /// 1 to 100 IDs, all from one project; otherwise nothing is sent.
    pub ids: Vec<DeliveryId>,
}

/// The replayed deliveries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReplayResult {
    /// The new deliveries, in the order of the replayed ones.
    pub queued: Vec<Delivery>,
    /// How many were skipped: inbound ones and, with a filter, those of deleted webhooks.
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
    /// When it started.
    #[serde(serialize_with = "millis")]
    pub started_at: DateTime<Utc>,
    /// The duration in milliseconds, from connecting to the last byte that was read.
    pub duration_ms: u32,
    /// The status code of the response; null without a response.
    pub status_code: Option<u16>,
    /// The error; null for a success.
    pub error: Option<String>,
    /// Where it was sent, without credentials; null if nothing was sent, and for old attempts.
    pub destination: Option<String>,
    /// The request headers.
    pub request_headers: Vec<Header>,
    /// The request body; null if nothing was sent or it was not stored.
    pub request_body: Option<String>,
    /// The response headers.
    pub response_headers: Vec<Header>,
    /// The first 16 KiB of the response body, as text.
    pub response_body: Option<String>,
    /// Whether the response body was longer.
    pub response_truncated: bool,
    /// Who erased the headers and the body of the response, if somebody did.
    #[serde(default)]
    pub response_erased: Option<Erasure>,
}

/// A header of a request or a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The name in lower case.
    pub name: String,
    /// The value; invalid bytes are replaced.
    pub value: String,
}

/// The maximum number of deliveries that are counted.
pub const MAX_COUNTED_DELIVERIES: u32 = 10_000;

/// How many deliveries match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryCount {
    /// At most 10,000.
    pub count: u32,
    /// Whether there are more.
    pub capped: bool,
}

/// The filters of a list of deliveries. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct DeliveryQuery {
    /// Only those with these words in their subject, or with this `eventId` or `id`. The search covers
    /// the newest 100,000 deliveries that match the other filters.
    pub search: Option<String>,
    /// Only with this status.
    pub status: Option<DeliveryStatus>,
    /// Only with this status code of the latest response. It covers as many deliveries as a search.
    pub status_code: Option<u16>,
    /// Only in this direction.
    pub direction: Option<Direction>,
    /// Only of this webhook.
    pub webhook_id: Option<WebhookId>,
    /// Only of this event.
    pub event: Option<String>,
    /// Only those that this digest covers; for callers who can read the events of all its projects.
    pub digest: Option<DeliveryId>,
    /// Only queued or received at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Only queued or received before this time.
    pub until: Option<DateTime<Utc>>,
    /// Maximum number of items: 1 to 200; 50 by default.
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
