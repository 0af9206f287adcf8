//! New IDs: UUIDv7 with the clock's time, in ascending order even within a millisecond.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::{ContextV7, Timestamp, Uuid};

use crate::clock::Clock;

/// Generates IDs. Cheap to clone; clones share the order.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    context: Arc<Mutex<ContextV7>>,
}

impl Ids {
    /// IDs with the time of `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, context: Arc::default() }
    }

    /// A new ID of any kind.
    #[must_use]
    pub fn next<T: From<Uuid>>(&self) -> T {
        let now = self.clock.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
        // If the clock went back, the context continues from the time of its last ID.
        let timestamp = Timestamp::from_unix(&*context, seconds, now.timestamp_subsec_nanos());
        T::from(Uuid::new_v7(timestamp))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn ids_ascend_within_a_millisecond() {
        let ids = Ids::new(Clock::mock(DateTime::UNIX_EPOCH + TimeDelta::days(1)));
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ids_ascend_when_the_clock_goes_back() {
        let clock = Clock::mock(DateTime::UNIX_EPOCH + TimeDelta::days(1));
        let ids = Ids::new(clock.clone());
        let before: Uuid = ids.next();
        clock.step_wall(TimeDelta::hours(-1));
        assert!(before < ids.next::<Uuid>());
    }

    #[test]
    fn an_id_has_the_clocks_time() {
        let clock = Clock::mock(DateTime::UNIX_EPOCH + TimeDelta::milliseconds(1_700_000_000_123));
        let id: Uuid = Ids::new(clock.clone()).next();
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!(
            i64::try_from(seconds * 1000 + u64::from(nanos) / 1_000_000).unwrap(),
            clock.now().timestamp_millis()
        );
    }
}
