//! Updates the deliveries of a batch of attempts in one statement, because each statement has a
//! fixed cost on SQLite and a busy dispatcher has thousands of results a second.

use std::collections::HashMap;

use app::model::id::DeliveryId;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Statement, Value};

use crate::dispatch::attempt::AttemptOutcome;
use crate::dispatch::delivery_queue::Claimed;
use crate::dispatch::retry::RetryDecision;
use crate::entity::delivery::StoredStatus;
use crate::storage::Tx;

/// The values of a row, in the order of the statement.
const COLUMNS: usize = 10;

/// An attempt of a claimed delivery, and what it means for the delivery.
pub type AttemptRow<'a> = (&'a Claimed, &'a AttemptOutcome, RetryDecision);

/// Finishes the deliveries or schedules their next attempts; `now` is on the schedule. Only
/// deliveries whose lease still holds are updated. Returns them, each with the streak in which it
/// was last counted as a failure.
pub async fn finish_batch(
    tx: &Tx<'_>,
    attempts: &[AttemptRow<'_>],
    now: DateTime<Utc>,
) -> Result<HashMap<DeliveryId, Option<i64>>, DbErr> {
    if attempts.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "WITH result(delivery_id, lease, status, attempts, paused, status_code, error, duration_ms, next_at, finished_at)
         AS (VALUES {})
         UPDATE deliveries SET status = result.status, attempts = result.attempts,
             paused_attempts = deliveries.paused_attempts + result.paused,
             status_code = result.status_code, error = result.error, duration_ms = result.duration_ms,
             next_attempt_at = result.next_at, finished_at = result.finished_at, lease_until = NULL
         FROM result WHERE deliveries.id = result.delivery_id AND deliveries.lease_until = result.lease
         RETURNING deliveries.id, deliveries.counted_streak",
        places(attempts.len())
    );
    let values = attempts.iter().flat_map(|attempted| row(attempted, now));
    let statement = Statement::from_sql_and_values(tx.db().get_database_backend(), sql, values);
    let rows = tx.db().query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "counted_streak")?))).collect()
}

/// `($1, $2, ...), (...)`
fn places(rows: usize) -> String {
    let row = |n: usize| {
        let places: Vec<_> = (1..=COLUMNS).map(|column| format!("${}", n * COLUMNS + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn row((claimed, outcome, decision): &AttemptRow<'_>, now: DateTime<Utc>) -> [Value; COLUMNS] {
    let (status, next_at) = match decision {
        RetryDecision::Delivered => (StoredStatus::Delivered, None),
        RetryDecision::Failed => (StoredStatus::Failed, None),
        RetryDecision::RetryAfter(wait) | RetryDecision::Paused(wait) => (StoredStatus::Pending, Some(now + *wait)),
    };
    [
        claimed.id.into(),
        claimed.lease_until.into(),
        status.to_value().into(),
        (claimed.attempts + 1).into(),
        i32::from(matches!(decision, RetryDecision::Paused(_))).into(),
        outcome.status.map(i32::from).into(),
        outcome.error().map(str::to_owned).into(),
        outcome.millis().into(),
        next_at.into(),
        next_at.is_none().then(|| outcome.ended_at()).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_numbered_through_the_rows() {
        assert_eq!(
            places(2),
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10), ($11, $12, $13, $14, $15, $16, $17, $18, $19, $20)"
        );
    }
}
