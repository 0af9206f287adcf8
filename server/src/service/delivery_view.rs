//! Deliveries as they are shown.

use app::model::delivery::{Attempt, Delivery};
use app::model::webhook::Direction;

use crate::dispatch::retry;
use crate::entity::{attempt, delivery};

/// Shows a delivery; what its webhook is called and whether it was deleted stands in another table.
#[must_use]
pub fn delivery(row: delivery::Model, webhook_name: String, webhook_deleted: bool) -> Delivery {
    Delivery {
        id: row.id,
        project_id: row.project_id,
        webhook_id: row.webhook_id,
        webhook_name,
        webhook_deleted,
        direction: row.direction,
        event: row.event_type,
        event_id: row.event_id,
        status: row.status,
        outcome: row.outcome,
        status_code: row.status_code.and_then(|code| code.try_into().ok()),
        error: row.error,
        attempts: row.attempts.unsigned_abs(),
        max_attempts: match row.direction {
            Direction::Outbound if !row.test => retry::MAX_ATTEMPTS,
            Direction::Inbound | Direction::Outbound => 1,
        },
        duration_ms: row.duration_ms.map(i32::unsigned_abs),
        test: row.test,
        replay_of: row.replay_of,
        created_at: row.created_at,
        // While an attempt is under way the column is the end of its lease.
        next_attempt_at: row.next_attempt_at.filter(|_| row.lease_until.is_none()),
        finished_at: row.finished_at,
    }
}

/// Shows an attempt.
#[must_use]
pub fn attempt(row: attempt::Model) -> Attempt {
    Attempt {
        id: row.id,
        number: row.number.unsigned_abs(),
        started_at: row.started_at,
        duration_ms: row.duration_ms.unsigned_abs(),
        status_code: row.status_code.and_then(|code| code.try_into().ok()),
        error: row.error,
        request_headers: row.request_headers.0,
        response_headers: row.response_headers.0,
        response_body: row.response_body,
        response_truncated: row.response_truncated,
    }
}
