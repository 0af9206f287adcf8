//! The only source of time. Everything else gets a [`Clock`], so that tests control the time and never wait
//! for it.

mod schedule;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use schedule::Schedule;

/// [`Clock::now`] is the time of day, which can be set forward and back: for stored and displayed times.
/// [`Clock::instant`] is monotonic: for intervals, durations and deadlines in this process.
/// [`Clock::schedule_now`] is for due times and leases in the database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Inner,
    schedule: Arc<Mutex<Schedule>>,
}

#[derive(Clone, Debug)]
enum Inner {
    System,
    Mock(Arc<watch::Sender<MockTime>>),
}

#[derive(Clone, Copy, Debug)]
struct MockTime {
    wall: DateTime<Utc>,
    instant: Instant,
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        Self::with(Inner::System)
    }

    /// A clock that stands still until [`Clock::advance`] is called on it or on a clone.
    #[must_use]
    pub fn mock(start: DateTime<Utc>) -> Self {
        let time = MockTime { wall: start.trunc_subsecs(3), instant: Instant::now() };
        Self::with(Inner::Mock(Arc::new(watch::Sender::new(time))))
    }

    fn with(inner: Inner) -> Self {
        let (instant, wall) = inner.times();
        Self { inner, schedule: Arc::new(Mutex::new(Schedule::following_system(instant, wall))) }
    }

    /// The time of day, in milliseconds, which every database stores exactly.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.inner.times().1
    }

    /// The monotonic time.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.inner.times().0
    }

    /// The time for due times and leases in the database. It continues when the time of day is set back.
    #[must_use]
    pub fn schedule_now(&self) -> DateTime<Utc> {
        let (instant, wall) = self.inner.times();
        self.schedule().time(instant, wall).trunc_subsecs(3)
    }

    /// Converts a time of day to the schedule.
    #[must_use]
    pub fn scheduled(&self, wall: DateTime<Utc>) -> DateTime<Utc> {
        wall + self.schedule_offset()
    }

    /// Converts a time of the schedule to a time of day, for display.
    #[must_use]
    pub fn time_of_day(&self, scheduled: DateTime<Utc>) -> DateTime<Utc> {
        scheduled - self.schedule_offset()
    }

    /// How far the schedule is ahead of the time of day.
    fn schedule_offset(&self) -> TimeDelta {
        let (instant, wall) = self.inner.times();
        self.schedule().time(instant, wall).trunc_subsecs(3) - wall
    }

    /// The same clock with a new schedule, as after a restart of the process.
    #[must_use]
    pub fn for_new_process(&self) -> Self {
        Self::with(self.inner.clone())
    }

    /// Makes the schedule follow the database, whose time was `time` at `at`. No effect on a mock clock.
    pub fn follow_database(&self, at: Instant, time: DateTime<Utc>) {
        if matches!(self.inner, Inner::System) {
            self.schedule().follow_database(at, time);
        }
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Advances a mock clock and wakes its sleepers. No effect on the system clock.
    pub fn advance(&self, by: Duration) {
        if let Inner::Mock(time) = &self.inner {
            time.send_modify(|time| {
                time.wall += by;
                time.instant += by;
            });
        }
    }

    /// Sets the time of day of a mock clock forward or back, as NTP does.
    pub fn step_wall(&self, by: TimeDelta) {
        if let Inner::Mock(time) = &self.inner {
            time.send_modify(|time| time.wall += by);
        }
    }

    /// Waits until `then`.
    pub async fn sleep_until(&self, then: Instant) {
        match &self.inner {
            Inner::System => tokio::time::sleep_until(then).await,
            Inner::Mock(time) => {
                let mut time = time.subscribe();
                // An error means that the clock was dropped.
                let _ = time.wait_for(|time| time.instant >= then).await;
            }
        }
    }

    /// Waits for `time`.
    pub async fn sleep(&self, time: Duration) {
        self.sleep_until(self.instant() + time).await;
    }

    /// Waits for `work`, at most for `time`; `None` on a timeout.
    pub async fn timeout<F: Future>(&self, time: Duration, work: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = work => Some(output),
            () = self.sleep(time) => None,
        }
    }
}

impl Inner {
    /// Both times at the same moment.
    #[allow(clippy::disallowed_methods, reason = "the only source of time")]
    fn times(&self) -> (Instant, DateTime<Utc>) {
        match self {
            Self::System => (Instant::now(), Utc::now().trunc_subsecs(3)),
            Self::Mock(time) => {
                let time = *time.borrow();
                (time.instant, time.wall)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn advancing_a_mock_clock_wakes_sleepers() {
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

    #[tokio::test]
    async fn setting_the_time_of_day_affects_no_sleeper() {
        let clock = Clock::mock(DateTime::UNIX_EPOCH);
        let began = clock.instant();
        let mut sleeper = std::pin::pin!(clock.sleep(Duration::from_secs(10)));
        assert!(futures::poll!(sleeper.as_mut()).is_pending());
        clock.step_wall(TimeDelta::hours(1));
        assert!(futures::poll!(sleeper.as_mut()).is_pending());
        clock.step_wall(TimeDelta::hours(-2));
        clock.advance(Duration::from_secs(10));
        sleeper.await;
        assert_eq!(clock.instant() - began, Duration::from_secs(10));
        assert_eq!(clock.now().timestamp(), 10 - 60 * 60);
    }
}
