//! The only place where time enters. Everything else is given a [`Clock`], so that tests own the
//! time and never wait for it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

/// Wall-clock time and waiting. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Inner,
}

#[derive(Clone, Debug)]
enum Inner {
    System,
    Mock(Arc<watch::Sender<DateTime<Utc>>>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { inner: Inner::System }
    }

    /// A clock that stands still until [`Clock::advance`] is called on it or on a clone.
    #[must_use]
    pub fn mock(start: DateTime<Utc>) -> Self {
        Self { inner: Inner::Mock(Arc::new(watch::Sender::new(start.trunc_subsecs(3)))) }
    }

    /// Now, to the millisecond: what is stored reads back the same from every database.
    #[must_use]
    #[allow(clippy::disallowed_methods, reason = "this is where time enters")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.inner {
            Inner::System => Utc::now().trunc_subsecs(3),
            Inner::Mock(now) => *now.borrow(),
        }
    }

    /// Moves a mock clock on and wakes whoever waits for it. The machine's clock can't be moved.
    pub fn advance(&self, by: Duration) {
        if let Inner::Mock(now) = &self.inner {
            now.send_modify(|now| *now += by);
        }
    }

    /// Waits until `then`.
    #[allow(clippy::disallowed_methods, reason = "this is where time enters")]
    pub async fn sleep_until(&self, then: DateTime<Utc>) {
        match &self.inner {
            Inner::System => {
                let wait = (then - Utc::now()).to_std().unwrap_or_default();
                tokio::time::sleep(wait).await;
            }
            Inner::Mock(now) => {
                let mut now = now.subscribe();
                // An error means that the clock is gone, and nobody waits for it any more.
                let _ = now.wait_for(|now| *now >= then).await;
            }
        }
    }

    /// Waits for `time`.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(self.now() + time).await;
    }

    /// Waits for `work`, but no longer than `time`; `None` when the time was over first.
    pub async fn timeout<F: Future>(&self, time: Duration, work: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = work => Some(output),
            () = self.sleep(time) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mock_clock_wakes_sleepers_when_it_is_advanced_and_not_before() {
        let clock = Clock::mock(DateTime::UNIX_EPOCH);
        let never = std::future::pending::<()>();
        let mut sleeper = std::pin::pin!(clock.timeout(Duration::from_secs(10), never));
        assert!(futures::poll!(sleeper.as_mut()).is_pending());
        clock.advance(Duration::from_secs(9));
        assert!(futures::poll!(sleeper.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1));
        assert_eq!(sleeper.await, None);
        assert_eq!(clock.now().timestamp(), 10);
    }
}
