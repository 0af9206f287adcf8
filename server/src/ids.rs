//! New ids: UUIDv7 from the clock's time, in ascending order even within a millisecond.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::{Builder, Uuid};

use crate::clock::Clock;
use crate::crypto;

/// Makes ids. Cheap to clone; clones share the order.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    last: Arc<Mutex<(u64, u16)>>,
}

impl Ids {
    /// Ids that carry the time of `clock`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, last: Arc::default() }
    }

    /// A new id of any kind.
    #[must_use]
    pub fn next<T: From<Uuid>>(&self) -> T {
        let now = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or_default();
        let (millis, counter) = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            // RFC 9562, 6.2, method 1: a counter in the twelve bits after the time; when it is
            // full, or the clock went back, the time of the last id is carried on.
            *last = match *last {
                (millis, counter) if now <= millis && counter < 0xFFF => (millis, counter + 1),
                (millis, _) if now <= millis => (millis + 1, 0),
                _ => (now, 0),
            };
            *last
        };
        let mut random = crypto::fill::<10>();
        [random[0], random[1]] = counter.to_be_bytes();
        T::from(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn ids_ascend_within_a_millisecond_and_past_a_full_counter() {
        let ids = Ids::new(Clock::mock(DateTime::UNIX_EPOCH));
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next()).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        assert!(made.iter().all(|id| id.get_version_num() == 7));
    }
}
