//! Deliveries: an event on its way to one endpoint with its attempts, or an inbound event with
//! what became of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{AttemptId, DeliveryId, EventId, IssueId, ProjectId, WebhookId};
use super::named;
use super::page::PageQuery;
use super::webhook::Direction;

named! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// Waiting for its first or its next attempt.
        Pending = "pending", "Pending";
        /// The endpoint answered 2xx; an inbound event was accepted.
        Delivered = "delivered", "Delivered";
        /// No attempt is left; an inbound event was refused after it had been verified.
        Failed = "failed", "Failed";
        /// Its webhook is disabled: it waits until somebody enables it again, and then for its
        /// turn, as what was held is sent in order.
        Held = "held", "Held";
        /// It was held, and not wanted any more when its webhook was enabled again.
        Discarded = "discarded", "Discarded";
    }
}

named! {
    /// What an inbound event came to: the `outcome` of the answer.
    InboundOutcome {
        /// The issue was changed.
        Applied = "applied", "Applied";
        /// The issue was imported.
        Created = "created", "Created";
        /// Nothing in it is newer than what is stored.
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
    /// Its id.
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
    /// The id that the endpoint sees as `webhook-id`; outbound only.
    pub event_id: Option<EventId>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What an inbound event came to.
    pub outcome: Option<InboundOutcome>,
    /// The status of the latest response; for inbound the one that was answered.
    pub status_code: Option<u16>,
    /// Why the latest attempt failed, or why the event was refused, ignored or changed nothing.
    pub error: Option<String>,
    /// How many attempts were made.
    pub attempts: u32,
    /// How many are made at the most.
    pub max_attempts: u32,
    /// How long the latest attempt or the receipt took, in milliseconds.
    pub duration_ms: Option<u32>,
    /// Whether it is a test.
    pub test: bool,
    /// The delivery that this one replays.
    pub replay_of: Option<DeliveryId>,
    /// When it was queued or received.
    pub created_at: DateTime<Utc>,
    /// When the next attempt is due.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
}

/// A delivery with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryDetail {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Where it goes, credentials covered; for inbound the tracker's name.
    pub destination: String,
    /// The body as sent; inbound events keep none.
    pub body: Option<String>,
    /// SHA-256 of an inbound body, as hex.
    pub digest: Option<String>,
    /// The issue that an inbound event touched.
    pub issue_id: Option<IssueId>,
    /// Every attempt, the first one first.
    pub attempt_list: Vec<Attempt>,
    /// The delivery and all that replay it or that it replays, the oldest first; empty when there
    /// is no replay. What was purged since is no part of it.
    pub chain: Vec<ChainLink>,
}

/// A delivery within a chain of replays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChainLink {
    /// Its id.
    pub id: DeliveryId,
    /// The delivery that it replays; it may have been purged since.
    pub replay_of: Option<DeliveryId>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When it was queued.
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

/// What was replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The new deliveries, in the order of those that they replay.
    pub enqueued: Vec<Delivery>,
    /// How many were left out: they are inbound or, of what a filter found, of deleted webhooks.
    pub left_out: u32,
}

/// One request of a delivery and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// From connecting to the last byte kept, in milliseconds.
    pub duration_ms: u32,
    /// The status of the response; null when none came.
    pub status_code: Option<u16>,
    /// What went wrong, in words; null for a success.
    pub error: Option<String>,
    /// The headers as sent.
    pub request_headers: Vec<Header>,
    /// The headers that came back.
    pub response_headers: Vec<Header>,
    /// The first 16 KiB of the body that came back, as text.
    pub response_body: Option<String>,
    /// Whether more came than is kept.
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

/// Which deliveries are asked for. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams, utoipa::ToSchema), into_params(parameter_in = Query))]
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
    /// How many items at the most: 1 to 200, 50 unless told. What is beyond a bound is taken as the
    /// bound.
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl DeliveryQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Whether a delivery is among those that are asked for, so that a page that shows them can
    /// tell by itself.
    #[must_use]
    pub fn admits(&self, delivery: &Delivery) -> bool {
        self.status.is_none_or(|status| delivery.status == status)
            && self.direction.is_none_or(|direction| delivery.direction == direction)
            && self.webhook_id.is_none_or(|webhook| delivery.webhook_id == webhook)
            && self.event.iter().all(|event| delivery.event == *event)
            && self.since.is_none_or(|since| delivery.created_at >= since)
            && self.until.is_none_or(|until| delivery.created_at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery() -> Delivery {
        let json = serde_json::json!({
            "id": DeliveryId(uuid::Uuid::from_u128(1)), "projectId": ProjectId(uuid::Uuid::from_u128(2)),
            "webhookId": WebhookId(uuid::Uuid::from_u128(3)), "webhookName": "CI trigger", "webhookDeleted": false, "direction": "outbound",
            "event": "issue.updated", "status": "failed", "attempts": 4, "maxAttempts": 4, "test": false,
            "createdAt": "2026-11-20T14:01:07Z",
        });
        serde_json::from_value(json).unwrap()
    }

    fn asked(change: impl FnOnce(&mut DeliveryQuery)) -> bool {
        let mut query = DeliveryQuery::default();
        change(&mut query);
        query.admits(&delivery())
    }

    #[test]
    fn a_query_admits_what_it_asks_for() {
        assert!(asked(|_| {}));
        assert!(asked(|query| query.status = Some(DeliveryStatus::Failed)));
        assert!(asked(|query| query.webhook_id = Some(WebhookId(uuid::Uuid::from_u128(3)))));
        assert!(asked(|query| query.since = Some(delivery().created_at)));
    }

    #[test]
    fn a_query_refuses_what_it_does_not_ask_for() {
        assert!(!asked(|query| query.status = Some(DeliveryStatus::Delivered)));
        assert!(!asked(|query| query.direction = Some(Direction::Inbound)));
        assert!(!asked(|query| query.event = Some("issue.created".into())));
        assert!(!asked(|query| query.until = Some(delivery().created_at)));
    }
}
