//! The statistics of an outbound webhook. They are counted by the hour when attempts are recorded, so
//! reading them costs the same however many deliveries there are: at most 720 hours with a few rows each.

use app::error::{Error, Result};
use app::model::id::WebhookId;
use app::model::webhook::Direction;
use app::model::webhook_stats::{LatencyPercentiles, StatsBucket, StatsPeriod, WebhookStats};
use chrono::{DateTime, Utc};
use sea_orm::{DbBackend, FromQueryResult, Statement};

use crate::app_state::AppState;
use crate::dispatch::latency::{EXHAUSTED, FAILED_ATTEMPT, percentile};
use crate::dispatch::stats_hour;
use crate::entity::webhook;
use crate::storage::internal;

/// The attempts of one result in a part of the period.
#[derive(Clone, Copy, Debug, FromQueryResult)]
struct Counted {
    /// The part, from 0.
    part: i32,
    bucket: i32,
    count: i64,
}

/// # Errors
/// [`Error::Invalid`] for an inbound webhook.
pub async fn read(state: &AppState, row: &webhook::Model, period: StatsPeriod) -> Result<WebhookStats> {
    if row.direction == Direction::Inbound {
        return Err(Error::invalid("Only outbound webhooks have statistics."));
    }
    let first = first_hour(period, state.clock.now());
    let db = state.store.read();
    let select = select(db.get_database_backend(), row.id, first, period);
    let counted = Counted::find_by_statement(select).all(db).await.map_err(internal)?;
    Ok(summed(period, first, &counted))
}

/// The first hour of a period that ends with the hour of `now`.
fn first_hour(period: StatsPeriod, now: DateTime<Utc>) -> i32 {
    let (buckets, hours) = period.buckets();
    stats_hour(now) + 1 - i32::try_from(buckets * hours).unwrap_or_default()
}

/// Reads a range of the primary key.
fn select(engine: DbBackend, webhook: WebhookId, first: i32, period: StatsPeriod) -> Statement {
    const SQL: &str = "
        SELECT (hour - $2) / $3 AS part, bucket, CAST(SUM(count) AS BIGINT) AS count FROM webhook_stats
        WHERE webhook_id = $1 AND hour >= $2 GROUP BY 1, 2";
    let hours = i32::try_from(period.buckets().1).unwrap_or(1);
    Statement::from_sql_and_values(engine, SQL, [webhook.into(), first.into(), hours.into()])
}

fn summed(period: StatsPeriod, first: i32, counted: &[Counted]) -> WebhookStats {
    let (buckets, hours) = period.buckets();
    let sum = |is: &dyn Fn(&Counted) -> bool| -> u64 {
        counted.iter().filter(|one| is(one)).map(|one| one.count.unsigned_abs()).sum()
    };
    let capped = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let (delivered, failed) = (sum(&|one| one.bucket >= 0), sum(&|one| one.bucket == FAILED_ATTEMPT));
    let mut latencies: Vec<(i32, u64)> = Vec::new();
    for bucket in 0..=counted.iter().map(|one| one.bucket).max().unwrap_or(-1) {
        let count = sum(&|one| one.bucket == bucket);
        if count > 0 {
            latencies.push((bucket, count));
        }
    }
    let attempts = delivered + failed;
    let bucket = |part: u32| {
        let of_part = |one: &Counted| u32::try_from(one.part) == Ok(part);
        let failed = sum(&|one| of_part(one) && one.bucket == FAILED_ATTEMPT);
        StatsBucket {
            from: hour_start(first.saturating_add(i32::try_from(part * hours).unwrap_or_default())),
            attempts: capped(failed + sum(&|one| of_part(one) && one.bucket >= 0)),
            failed_attempts: capped(failed),
        }
    };
    WebhookStats {
        period,
        from: hour_start(first),
        delivered: capped(delivered),
        exhausted: capped(sum(&|one| one.bucket == EXHAUSTED)),
        attempts: capped(attempts),
        failed_attempts: capped(failed),
        success_permille: (delivered * 1000).checked_div(attempts).map(capped),
        latency: LatencyPercentiles {
            p50: percentile(&latencies, 50),
            p95: percentile(&latencies, 95),
            p99: percentile(&latencies, 99),
        },
        buckets: (0..buckets).map(bucket).collect(),
    }
}

fn hour_start(hour: i32) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(hour) * 60 * 60, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_summed_by_part() {
        let one = |part, bucket, count| Counted { part, bucket, count };
        let counted = [one(0, 20, 7), one(27, 20, 1), one(27, FAILED_ATTEMPT, 2), one(27, EXHAUSTED, 1)];
        let stats = summed(StatsPeriod::Week, 480_000, &counted);
        assert_eq!((stats.delivered, stats.exhausted, stats.attempts, stats.failed_attempts), (8, 1, 10, 2));
        assert_eq!((stats.success_permille, stats.buckets.len()), (Some(800), 28));
        assert_eq!((stats.buckets[0].attempts, stats.buckets[27].attempts), (7, 3));
        assert_eq!(stats.buckets[27].from - stats.from, chrono::TimeDelta::hours(27 * 6));
    }

    #[test]
    fn nothing_has_no_rate() {
        let stats = summed(StatsPeriod::Day, 0, &[]);
        assert_eq!((stats.success_permille, stats.latency), (None, LatencyPercentiles::default()));
        assert!(stats.buckets.iter().all(|bucket| bucket.attempts == 0));
    }

    #[test]
    fn a_period_ends_with_the_current_hour() {
        let now = "2026-01-05T10:59:59Z".parse().unwrap();
        assert_eq!(hour_start(first_hour(StatsPeriod::Day, now)).to_rfc3339(), "2026-01-04T11:00:00+00:00");
    }
}
