//! Permits to have a request in flight. Each endpoint has a few permits of its own, which no other
//! endpoint can take; more come from a shared pool. So every endpoint makes progress, however many
//! others hang.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::learned_limit::{LearnedLimit, LoadSignal};

/// The number of shared permits.
pub const MAX_IN_FLIGHT: usize = 512;
/// The permits that each endpoint has in addition to the shared ones.
pub const RESERVED_IN_FLIGHT_PER_ENDPOINT: usize = 2;
/// The last part of the pool (one in this many permits) is divided among all active endpoints: an
/// endpoint with more than an equal share of it gets none of it.
const DIVIDED_PART: usize = 4;
/// What was learned about an endpoint is forgotten after this time without a request.
const FORGET_AFTER: Duration = Duration::from_secs(10 * 60);

/// The shared permits of this process. Cheap to clone.
#[derive(Clone)]
pub struct PermitPool {
    shared: Arc<Semaphore>,
    size: usize,
    /// Endpoints with requests in flight.
    active_endpoints: Arc<AtomicUsize>,
}

impl Default for PermitPool {
    fn default() -> Self {
        Self::limited(MAX_IN_FLIGHT)
    }
}

impl PermitPool {
    /// A smaller pool, if the operating system allows no more.
    #[must_use]
    pub fn limited(max_in_flight: usize) -> Self {
        let size = MAX_IN_FLIGHT.min(max_in_flight);
        Self { shared: Arc::new(Semaphore::new(size)), size, active_endpoints: Arc::default() }
    }

    fn try_acquire(&self, in_flight: usize) -> Option<OwnedSemaphorePermit> {
        let active = self.active_endpoints.load(Ordering::Relaxed);
        if !may_take_shared(in_flight, self.shared.available_permits(), active, self.size / DIVIDED_PART) {
            return None;
        }
        self.shared.clone().try_acquire_owned().ok()
    }
}

/// Whether an endpoint with this many requests in flight may take a shared permit. The last
/// `divided` permits are divided among the active endpoints.
fn may_take_shared(in_flight: usize, free: usize, active_endpoints: usize, divided: usize) -> bool {
    free > divided || in_flight < divided / active_endpoints.max(1)
}

/// The requests in flight to one endpoint, and what was learned about it. Cheap to clone.
#[derive(Clone, Default)]
pub struct EndpointPermits {
    state: Arc<Mutex<EndpointState>>,
    released: Arc<Notify>,
}

#[derive(Default)]
struct EndpointState {
    in_flight: usize,
    reserved_in_use: usize,
    concurrency: LearnedLimit,
    rest_until: Option<Instant>,
    last_used: Option<Instant>,
}

/// Permits one request in flight. Dropping it returns the permit.
pub struct SendPermit {
    endpoint: EndpointPermits,
    pool: PermitPool,
    /// `None` for one of the endpoint's own permits.
    shared: Option<OwnedSemaphorePermit>,
    round: u32,
}

impl EndpointPermits {
    /// Requests in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.lock().in_flight
    }

    /// The limit learned from its responses.
    #[must_use]
    pub fn learned_limit(&self) -> usize {
        self.lock().concurrency.limit()
    }

    /// Nothing is sent before this time.
    #[must_use]
    pub fn rest_until(&self) -> Option<Instant> {
        self.lock().rest_until
    }

    /// Pauses until `then`, or longer if a longer pause was set before.
    pub fn rest(&self, then: Instant) {
        let mut state = self.lock();
        state.rest_until = state.rest_until.max(Some(then));
    }

    /// Takes up to `wanted` permits, so that no more than `max_in_flight` are in use.
    #[must_use]
    pub fn acquire(&self, pool: &PermitPool, max_in_flight: usize, wanted: usize, now: Instant) -> Vec<SendPermit> {
        let mut state = self.lock();
        let mut permits = Vec::new();
        while permits.len() < wanted && state.in_flight < max_in_flight {
            let shared = if state.reserved_in_use < RESERVED_IN_FLIGHT_PER_ENDPOINT {
                state.reserved_in_use += 1;
                None
            } else {
                let Some(shared) = pool.try_acquire(state.in_flight) else { break };
                Some(shared)
            };
            if state.in_flight == 0 {
                pool.active_endpoints.fetch_add(1, Ordering::Relaxed);
            }
            state.in_flight += 1;
            state.last_used = Some(now);
            let round = state.concurrency.round();
            permits.push(SendPermit { endpoint: self.clone(), pool: pool.clone(), shared, round });
        }
        permits
    }

    /// Waits until a permit is returned. One that was returned since the last wait counts.
    pub async fn released(&self) {
        self.released.notified().await;
    }

    /// Whether there is nothing worth keeping.
    #[must_use]
    pub fn can_be_forgotten(&self, now: Instant) -> bool {
        let state = self.lock();
        let is_resting = state.rest_until.is_some_and(|until| until > now);
        let is_recent = state.last_used.is_some_and(|used| now.saturating_duration_since(used) < FORGET_AFTER);
        state.in_flight == 0 && !is_resting && !is_recent
    }

    fn lock(&self) -> MutexGuard<'_, EndpointState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SendPermit {
    /// Learns from the result of the request.
    pub fn learn(&self, signal: LoadSignal) {
        self.endpoint.lock().concurrency.learn(signal, self.round);
    }
}

impl Drop for SendPermit {
    fn drop(&mut self) {
        let mut state = self.endpoint.lock();
        state.in_flight -= 1;
        if self.shared.is_none() {
            state.reserved_in_use -= 1;
        }
        if state.in_flight == 0 {
            self.pool.active_endpoints.fetch_sub(1, Ordering::Relaxed);
        }
        drop(state);
        self.endpoint.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(endpoint: &EndpointPermits, pool: &PermitPool, wanted: usize) -> Vec<SendPermit> {
        endpoint.acquire(pool, 64, wanted, Instant::now())
    }

    #[tokio::test]
    async fn an_endpoint_always_has_its_own_permits() {
        let pool = PermitPool::default();
        let others: Vec<_> = (0..100).map(|_| take(&EndpointPermits::default(), &pool, 64)).collect();
        assert!(others.iter().all(|permits| permits.len() >= RESERVED_IN_FLIGHT_PER_ENDPOINT));
        let late = EndpointPermits::default();
        let permits = take(&late, &pool, 64);
        assert_eq!(permits.len(), RESERVED_IN_FLIGHT_PER_ENDPOINT);
        drop(permits);
        assert_eq!(take(&late, &pool, 64).len(), RESERVED_IN_FLIGHT_PER_ENDPOINT);
    }

    #[tokio::test]
    async fn the_last_quarter_of_the_pool_is_divided_equally() {
        let pool = PermitPool::default();
        let greedy: Vec<_> = (0..20).map(|_| take(&EndpointPermits::default(), &pool, 64)).collect();
        let newcomer = take(&EndpointPermits::default(), &pool, 64);
        assert!(newcomer.len() > RESERVED_IN_FLIGHT_PER_ENDPOINT, "{}", newcomer.len());
        assert!(greedy.iter().map(Vec::len).sum::<usize>() > MAX_IN_FLIGHT / 2);
    }

    #[tokio::test]
    async fn permits_are_given_back_and_counted() {
        let (pool, endpoint) = (PermitPool::default(), EndpointPermits::default());
        let mut permits = take(&endpoint, &pool, 10);
        assert_eq!((endpoint.in_flight(), pool.shared.available_permits()), (10, MAX_IN_FLIGHT - 8));
        assert!(endpoint.acquire(&pool, 10, 1, Instant::now()).is_empty());
        permits.truncate(9);
        endpoint.released().await;
        assert_eq!(endpoint.acquire(&pool, 10, 5, Instant::now()).len(), 1);
        drop(permits);
        assert_eq!((endpoint.in_flight(), pool.shared.available_permits()), (0, MAX_IN_FLIGHT));
        assert_eq!(pool.active_endpoints.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_learned_limit_is_kept_for_ten_minutes() {
        let (pool, endpoint, now) = (PermitPool::default(), EndpointPermits::default(), Instant::now());
        assert!(endpoint.can_be_forgotten(now));
        let permits = endpoint.acquire(&pool, 1, 1, now);
        assert!(!endpoint.can_be_forgotten(now + FORGET_AFTER));
        drop(permits);
        assert!(!endpoint.can_be_forgotten(now + FORGET_AFTER - Duration::from_secs(1)));
        assert!(endpoint.can_be_forgotten(now + FORGET_AFTER));
        endpoint.rest(now + 2 * FORGET_AFTER);
        assert!(!endpoint.can_be_forgotten(now + FORGET_AFTER));
    }
}
