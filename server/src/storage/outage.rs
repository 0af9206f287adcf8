//! Logs failures of the database. An outage is two lines however many requests fail: one when it begins
//! and one when it ends. Other failures are bugs, and each is logged.
//!
//! The state is global, because a process has one database.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::failure::Unavailable;
use super::{PROBE_TIMEOUT, Store};

/// How often an outage is checked. It is over when a probe succeeds and nothing failed for this long.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

static OUTAGE: Mutex<Option<Outage>> = Mutex::new(None);

struct Outage {
    reason: Unavailable,
    began: Instant,
    last_failure: Instant,
    failures: u64,
}

impl Outage {
    fn begin(reason: Unavailable, now: Instant) -> Self {
        Self { reason, began: now, last_failure: now, failures: 1 }
    }

    fn fail(&mut self, now: Instant) {
        self.last_failure = now;
        self.failures += 1;
    }

    /// Whether nothing has failed for long enough to believe a probe.
    fn is_quiet(&self, now: Instant) -> bool {
        now.duration_since(self.last_failure) >= CHECK_INTERVAL
    }
}

/// Logs a failure of the database, or counts it if its outage is already logged. `what` names the failed
/// action.
pub fn report(error: &DbErr, what: &'static str) {
    let Some(reason) = Unavailable::from_db_error(error) else {
        tracing::error!(%error, "{what}");
        return;
    };
    let now = Instant::now();
    let mut outage = lock();
    if let Some(outage) = &mut *outage {
        outage.fail(now);
        return;
    }
    *outage = Some(Outage::begin(reason, now));
    drop(outage);
    tracing::error!(%error, what, "database outage: {} More failures are counted, not logged.", reason.sentence());
}

/// Why the database can't be used, if there is an outage.
#[must_use]
pub fn reason() -> Option<Unavailable> {
    lock().as_ref().map(|outage| outage.reason)
}

/// Logs the end of outages until `shutdown`. It uses real time, because the database does.
pub async fn watch(store: Store, shutdown: CancellationToken) {
    while shutdown.run_until_cancelled(tokio::time::sleep(CHECK_INTERVAL)).await.is_some() {
        if lock().is_none() {
            continue;
        }
        let works = matches!(tokio::time::timeout(PROBE_TIMEOUT, store.probe()).await, Ok(Ok(())));
        let over = works.then(|| lock().take_if(|outage| outage.is_quiet(Instant::now()))).flatten();
        if let Some(Outage { began, failures, .. }) = over {
            tracing::warn!(seconds = began.elapsed().as_secs_f64(), failures, "the database outage is over");
        }
    }
}

fn lock() -> MutexGuard<'static, Option<Outage>> {
    OUTAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_ends_when_nothing_fails_any_more() {
        let began = Instant::now();
        let mut outage = Outage::begin(Unavailable::Locked, began);
        outage.fail(began + CHECK_INTERVAL);
        assert!(!outage.is_quiet(began + CHECK_INTERVAL));
        assert!(outage.is_quiet(began + 2 * CHECK_INTERVAL));
        assert_eq!(outage.failures, 2);
    }
}
