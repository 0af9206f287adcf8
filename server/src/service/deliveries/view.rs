//! The views of deliveries in the API.

use app::model::delivery::{Attempt, Delivery};
use app::model::delivery_policy::DeliveryPolicy;
use app::model::history::Erasure;
use app::model::webhook::Direction;
use chrono::{DateTime, Utc};

use crate::destinations::Destination;
use crate::entity::delivery::StoredStatus;
use crate::entity::{attempt, delivery, webhook};

/// What a delivery shows of its webhook.
#[derive(Clone, Debug)]
pub struct ShownWebhook {
    /// Its name.
    pub name: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The maximum number of attempts, not counting those that were asked to wait.
    pub max_attempts: u32,
}

impl ShownWebhook {
    /// A webhook that has no row any more.
    #[must_use]
    pub fn unknown() -> Self {
        Self { name: String::new(), deleted: true, max_attempts: DeliveryPolicy::default().max_attempts() }
    }
}

impl From<&webhook::Model> for ShownWebhook {
    fn from(row: &webhook::Model) -> Self {
        let policy = DeliveryPolicy::from(&row.policy);
        Self { name: row.name.clone(), deleted: row.deleted_at.is_some(), max_attempts: policy.max_attempts() }
    }
}

/// A delivery, and whether the caller may change it.
#[must_use]
pub fn delivery(row: delivery::Model, webhook: ShownWebhook, can_change: bool) -> Delivery {
    let status = row.shown_status();
    let is_outbound_pending = row.direction == Direction::Outbound && row.status == StoredStatus::Pending;
    let collected = is_outbound_pending && row.next_attempt_at.is_none() && row.digest_delivery_id.is_none();
    let covering_digest = row.covering_digest();
    Delivery {
        id: row.id,
        project_id: row.project_id,
        webhook_id: row.webhook_id,
        webhook_name: webhook.name,
        webhook_deleted: webhook.deleted,
        orphaned: false,
        direction: row.direction,
        event: row.event_type,
        subject: row.subject,
        event_id: row.event_id,
        tracker_delivery_id: row.tracker_delivery_id,
        status,
        outcome: row.outcome,
        status_code: row.status_code.and_then(|code| code.try_into().ok()),
        error: row.error,
        attempt_count: row.attempts.unsigned_abs(),
        max_attempts: match row.direction {
            // The policy may have allowed more when they were made.
            Direction::Outbound if !row.test => {
                (webhook.max_attempts + row.paused_attempts.unsigned_abs()).max(row.attempts.unsigned_abs())
            }
            Direction::Inbound | Direction::Outbound => 1,
        },
        duration_ms: row.duration_ms.map(i32::unsigned_abs),
        test: row.test,
        replay_of: row.replay_of,
        replay_id: row.range_replay_id,
        digest_delivery_id: covering_digest,
        collected,
        can_change,
        created_at: row.created_at,
        // During an attempt, the column is the end of the lease.
        next_attempt_at: row.next_attempt_at.filter(|_| row.lease_until.is_none()),
        finished_at: row.finished_at,
    }
}

/// Who erased something, if somebody did.
#[must_use]
pub fn erasure(at: Option<DateTime<Utc>>, by: Option<String>) -> Option<Erasure> {
    at.map(|at| Erasure { at, by: by.unwrap_or_default() })
}

/// An attempt. A body that is the event's envelope never changes, and is stored only with the event.
/// `destination` is `None` if the webhook has none.
#[must_use]
pub fn attempt(row: attempt::Model, destination: Option<&dyn Destination>, envelope: Option<&str>) -> Attempt {
    let sent = !row.request_headers.0.is_empty();
    let sends_envelope = destination.is_some_and(Destination::sends_envelope);
    let sent_envelope = sent && (row.destination.is_some() || sends_envelope);
    let envelope = envelope.filter(|_| sent_envelope).map(str::to_owned);
    Attempt {
        id: row.id,
        number: row.number.unsigned_abs(),
        started_at: row.started_at,
        duration_ms: row.duration_ms.unsigned_abs(),
        status_code: row.status_code.and_then(|code| code.try_into().ok()),
        error: row.error,
        destination: row.destination,
        request_headers: row.request_headers.0,
        request_body: row.request_body.or(envelope),
        response_headers: row.response_headers.0,
        response_body: row.response_body,
        response_truncated: row.response_truncated,
        response_erased: erasure(row.response_erased_at, row.response_erased_by),
    }
}
