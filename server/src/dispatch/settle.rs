//! The deliveries after a batch of attempts, in one statement: on SQLite each statement has its
//! price, and a busy dispatcher has thousands of results a second.

use std::collections::HashSet;

use app::model::delivery::DeliveryStatus;
use app::model::id::DeliveryId;
use chrono::{DateTime, Utc};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Statement, Value};

use super::queue::Claimed;
use super::retry::Verdict;
use super::sender::Outcome;
use crate::storage::Tx;

/// The values of a row, in the order of the statement.
const COLUMNS: usize = 9;

/// An attempt of a claimed delivery, and what it means.
pub type Attempted<'a> = (&'a Claimed, &'a Outcome, Verdict);

/// Finishes the deliveries or plans their next attempts. Tells whose lease still held: only
/// those were changed.
///
/// # Errors
/// The database's own.
pub async fn settle(tx: &Tx<'_>, attempts: &[Attempted<'_>], now: DateTime<Utc>) -> Result<HashSet<DeliveryId>, DbErr> {
    if attempts.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "WITH result(delivery_id, lease, status, attempts, status_code, error, duration_ms, next_at, finished_at)
         AS (VALUES {})
         UPDATE deliveries SET status = result.status, attempts = result.attempts,
             status_code = result.status_code, error = result.error, duration_ms = result.duration_ms,
             next_attempt_at = result.next_at, finished_at = result.finished_at, lease_until = NULL
         FROM result WHERE deliveries.id = result.delivery_id AND deliveries.lease_until = result.lease
         RETURNING deliveries.id",
        places(attempts.len())
    );
    let values = attempts.iter().flat_map(|attempted| row(attempted, now));
    let statement = Statement::from_sql_and_values(tx.db().get_database_backend(), sql, values);
    tx.db().query_all_raw(statement).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// `($1, $2, ...), (...)`
fn places(rows: usize) -> String {
    let row = |n: usize| {
        let places: Vec<_> = (1..=COLUMNS).map(|column| format!("${}", n * COLUMNS + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn row((claimed, outcome, verdict): &Attempted<'_>, now: DateTime<Utc>) -> [Value; COLUMNS] {
    let (status, next_at) = match verdict {
        Verdict::Delivered => (DeliveryStatus::Delivered, None),
        Verdict::Failed => (DeliveryStatus::Failed, None),
        Verdict::Again(wait) => (DeliveryStatus::Pending, Some(now + *wait)),
    };
    [
        claimed.id.into(),
        claimed.lease_until.into(),
        status.to_value().into(),
        (claimed.attempts + 1).into(),
        outcome.status.map(i32::from).into(),
        outcome.error.clone().into(),
        outcome.millis().into(),
        next_at.into(),
        next_at.is_none().then_some(now).into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_numbered_through_the_rows() {
        assert_eq!(places(2), "($1, $2, $3, $4, $5, $6, $7, $8, $9), ($10, $11, $12, $13, $14, $15, $16, $17, $18)");
    }
}
