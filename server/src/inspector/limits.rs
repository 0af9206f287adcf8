//! Limits how many requests an inspector URL takes: per time, and at once. The memory for bodies follows from
//! the number of requests at once. Each node has its own limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::model::id::InspectorUrlId;
use tokio::time::Instant;

/// The time over which requests are counted.
const RATE_WINDOW: Duration = Duration::from_secs(10);
/// Requests of a URL in [`RATE_WINDOW`].
pub const MAX_REQUESTS_PER_WINDOW: u32 = 120;
/// Requests of a URL at once, including those whose response is delayed.
const MAX_IN_FLIGHT_PER_URL: u32 = 16;
/// Requests of all URLs at once: at most 32 MiB of bodies.
const MAX_IN_FLIGHT: u32 = 128;
/// URLs that are remembered before those without recent requests are forgotten.
const MAX_REMEMBERED: usize = 1024;

/// The requests of all URLs.
#[derive(Default)]
pub struct InspectorLimits(Mutex<LimitState>);

#[derive(Default)]
struct LimitState {
    in_flight: u32,
    urls: HashMap<InspectorUrlId, UrlRequests>,
}

struct UrlRequests {
    window_start: Instant,
    in_window: u32,
    in_flight: u32,
}

/// A request that was admitted; it is in flight until this is dropped.
pub struct InspectorPermit {
    limits: Arc<InspectorLimits>,
    url: InspectorUrlId,
}

impl InspectorLimits {
    /// Admits a request of a URL.
    ///
    /// # Errors
    /// How long to wait, if there are too many.
    pub fn admit(self: &Arc<Self>, url: InspectorUrlId, now: Instant) -> Result<InspectorPermit, Duration> {
        let mut state = self.lock();
        if state.urls.len() >= MAX_REMEMBERED {
            state.urls.retain(|_, known| known.in_flight > 0 || now < known.window_start + RATE_WINDOW);
        }
        if state.in_flight >= MAX_IN_FLIGHT {
            return Err(Duration::from_secs(1));
        }
        let known = state.urls.entry(url).or_insert(UrlRequests { window_start: now, in_window: 0, in_flight: 0 });
        if now >= known.window_start + RATE_WINDOW {
            (known.window_start, known.in_window) = (now, 0);
        }
        if known.in_window >= MAX_REQUESTS_PER_WINDOW {
            return Err(known.window_start + RATE_WINDOW - now);
        }
        if known.in_flight >= MAX_IN_FLIGHT_PER_URL {
            return Err(Duration::from_secs(1));
        }
        known.in_window += 1;
        known.in_flight += 1;
        state.in_flight += 1;
        Ok(InspectorPermit { limits: self.clone(), url })
    }

    fn lock(&self) -> MutexGuard<'_, LimitState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InspectorPermit {
    fn drop(&mut self) {
        let mut state = self.limits.lock();
        state.in_flight = state.in_flight.saturating_sub(1);
        if let Some(known) = state.urls.get_mut(&self.url) {
            known.in_flight = known.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn url(number: u128) -> InspectorUrlId {
        InspectorUrlId(Uuid::from_u128(number))
    }

    fn start() -> Instant {
        crate::clock::Clock::mock(chrono::DateTime::UNIX_EPOCH).instant()
    }

    #[tokio::test]
    async fn a_url_takes_a_limited_number_of_requests_per_time() {
        let (limits, now) = (Arc::<InspectorLimits>::default(), start());
        for _ in 0..MAX_REQUESTS_PER_WINDOW {
            assert!(limits.admit(url(1), now).is_ok());
        }
        assert_eq!(limits.admit(url(1), now + Duration::from_secs(4)).err(), Some(Duration::from_secs(6)));
        assert!(limits.admit(url(2), now).is_ok());
        assert!(limits.admit(url(1), now + RATE_WINDOW).is_ok());
    }

    #[tokio::test]
    async fn one_url_leaves_room_for_others() {
        let (limits, now) = (Arc::<InspectorLimits>::default(), start());
        let held: Vec<_> = (0..MAX_IN_FLIGHT_PER_URL).map(|_| limits.admit(url(1), now).ok().unwrap()).collect();
        assert!(limits.admit(url(1), now).is_err());
        assert!(limits.admit(url(2), now).is_ok());
        drop(held);
        assert!(limits.admit(url(1), now).is_ok());
        assert_eq!(limits.lock().in_flight, 0);
    }

    #[tokio::test]
    async fn all_urls_together_have_a_limit() {
        let (limits, now) = (Arc::<InspectorLimits>::default(), start());
        let held: Vec<_> =
            (0..u128::from(MAX_IN_FLIGHT)).map(|n| limits.admit(url(n / 10), now).ok().unwrap()).collect();
        assert!(limits.admit(url(1000), now).is_err());
        drop(held);
        assert!(limits.admit(url(1000), now).is_ok());
    }
}
