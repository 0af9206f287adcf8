//! Compares this node's clock with the database's. Nodes use the database's time for due times and leases,
//! and their own for signatures and stored times. A large difference is logged, because it shows that a
//! clock is not synchronized by NTP.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::storage::report_outage;

const COMPARE_INTERVAL: Duration = Duration::from_secs(60);
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);
/// A larger difference is logged.
const MAX_SKEW: TimeDelta = TimeDelta::seconds(30);

/// Adopts the database's time. [`run`] logs a failure.
pub async fn compare_first(state: &AppState) {
    if state.store.read().get_database_backend() == DbBackend::Postgres {
        let _ = compare(state).await;
    }
}

/// Compares the clocks until `shutdown`. An embedded database uses the machine's clock.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    if state.store.read().get_database_backend() != DbBackend::Postgres {
        return;
    }
    let mut was_skewed = false;
    loop {
        match compare(&state).await {
            Ok(skew) => was_skewed = report(skew, was_skewed),
            Err(error) => report_outage(&error, "failed to compare the clock with the database's"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.clock.sleep(COMPARE_INTERVAL) => {}
        }
    }
}

/// How far this node's clock is ahead of the database's. The schedule follows the database.
///
/// # Errors
/// When the query fails or takes too long.
pub async fn compare(state: &AppState) -> Result<TimeDelta, DbErr> {
    let began = state.clock.instant();
    let queried = state.clock.timeout(QUERY_TIMEOUT, database_time(state.store.read())).await;
    let time = queried.unwrap_or_else(|| Err(DbErr::Custom("the database did not respond in time".to_owned())))?;
    let (wall, at) = (state.clock.now(), state.clock.instant());
    // The database read its clock about half way.
    let time = time + (at - began) / 2;
    state.clock.follow_database(at, time);
    Ok(wall - time)
}

async fn database_time(db: &impl ConnectionTrait) -> Result<DateTime<Utc>, DbErr> {
    let query = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
    let row = db.query_one_raw(query).await?;
    row.ok_or_else(|| DbErr::Custom("the database returned no time".to_owned()))?.try_get("", "now")
}

/// Sets the metric, and logs when a skew begins and ends. Returns whether there is one.
fn report(skew: TimeDelta, was_skewed: bool) -> bool {
    #[allow(clippy::cast_precision_loss, reason = "a gauge")]
    metrics::gauge!("testbell_clock_skew_seconds").set(skew.num_milliseconds() as f64 / 1000.0);
    let is_skewed = is_large(skew);
    if is_skewed && !was_skewed {
        let seconds = skew.num_seconds();
        tracing::warn!(
            seconds,
            "the clock differs from the database's by more than 30 s: synchronize all nodes and the database by NTP"
        );
    }
    if !is_skewed && was_skewed {
        tracing::info!("the clock agrees with the database's again");
    }
    is_skewed
}

fn is_large(skew: TimeDelta) -> bool {
    skew.abs() > MAX_SKEW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skew_of_more_than_thirty_seconds_is_large() {
        for (seconds, large) in [(0, false), (30, false), (-30, false), (31, true), (-31, true), (3600, true)] {
            assert_eq!(is_large(TimeDelta::seconds(seconds)), large, "{seconds}");
        }
    }
}
