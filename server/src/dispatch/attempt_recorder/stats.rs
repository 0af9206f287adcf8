//! Counts attempts for the statistics of their webhooks, in the transaction that records them: one
//! statement for a batch. Tests and requests to wait are not counted.

use std::collections::BTreeMap;

use app::model::id::WebhookId;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

use super::{ClaimOutcome, ClaimResult};
use crate::dispatch::latency::{EXHAUSTED, FAILED_ATTEMPT, bucket_of};
use crate::dispatch::retry::RetryDecision;
use crate::storage::Tx;

/// The number of an hour.
#[must_use]
pub fn hour_of(time: DateTime<Utc>) -> i32 {
    i32::try_from(time.timestamp().div_euclid(60 * 60)).unwrap_or_default()
}

/// Counts the results of a batch that was written at `now`.
pub async fn count(tx: &Tx<'_>, written: &[ClaimResult], now: DateTime<Utc>) -> Result<(), DbErr> {
    let mut counts: BTreeMap<(WebhookId, i32), i64> = BTreeMap::new();
    for result in written.iter().filter(|result| !result.claimed.test) {
        for bucket in buckets(&result.outcome) {
            *counts.entry((result.claimed.webhook_id, bucket)).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(());
    }
    let places: Vec<_> = (0..counts.len())
        .map(|row| {
            let at = row * 4;
            format!("(${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4)
        })
        .collect();
    let sql = format!(
        "INSERT INTO webhook_stats (webhook_id, hour, bucket, count) VALUES {}
         ON CONFLICT (webhook_id, hour, bucket) DO UPDATE SET count = webhook_stats.count + excluded.count",
        places.join(", ")
    );
    let hour = hour_of(now);
    let values = counts.into_iter().flat_map(|((webhook, bucket), count)| -> [Value; 4] {
        [webhook.into(), hour.into(), bucket.into(), count.into()]
    });
    let statement = Statement::from_sql_and_values(tx.db().get_database_backend(), sql, values);
    tx.db().execute_raw(statement).await.map(drop)
}

fn buckets(outcome: &ClaimOutcome) -> Vec<i32> {
    match outcome {
        ClaimOutcome::Attempted(outcome, decision) => match decision {
            RetryDecision::Delivered => vec![bucket_of(outcome.millis().unsigned_abs())],
            RetryDecision::RetryAfter(_) => vec![FAILED_ATTEMPT],
            RetryDecision::Failed => vec![FAILED_ATTEMPT, EXHAUSTED],
            RetryDecision::Paused(_) => Vec::new(),
        },
        ClaimOutcome::GivenUp(_) => vec![EXHAUSTED],
        ClaimOutcome::Cancelled(_) | ClaimOutcome::Held | ClaimOutcome::Released | ClaimOutcome::Postponed(..) => {
            Vec::new()
        }
    }
}
