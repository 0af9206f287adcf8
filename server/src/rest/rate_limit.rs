//! Limits the requests of each user to the REST API, and tells scripts in headers how many are left
//! (draft-ietf-httpapi-ratelimit-headers-06). Each node counts its own. The pages use other routes.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::error::Error;
use app::model::id::UserId;
use app::model::people::Actor;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::Clock as GovernorClock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use crate::app_state::AppState;
use crate::clock::Clock;
use crate::web::Problem;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
/// After this many requests, users who have all theirs left are forgotten.
const REQUESTS_UNTIL_CLEANUP: u32 = 10_000;

type Limiter = RateLimiter<UserId, DefaultKeyedStateStore<UserId>, LimitClock, StateInformationMiddleware>;

/// The requests of each user in the last minute.
pub struct ApiLimit {
    per_minute: NonZeroU32,
    limiter: Limiter,
    requests: AtomicU32,
}

impl fmt::Debug for ApiLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiLimit").field("per_minute", &self.per_minute).finish_non_exhaustive()
    }
}

impl ApiLimit {
    /// A limit of requests per minute for each user; `None` for 0.
    pub fn new(per_minute: u32, clock: Clock) -> Option<Arc<Self>> {
        let per_minute = NonZeroU32::new(per_minute)?;
        let clock = LimitClock { start: clock.instant(), clock };
        let limiter = Limiter::new(Quota::per_minute(per_minute), DefaultKeyedStateStore::default(), clock);
        Some(Arc::new(Self { per_minute, limiter, requests: AtomicU32::new(0) }))
    }

    /// Counts a request. Returns how many are left, or after how many seconds there is one.
    fn count(&self, user: UserId) -> Result<u32, u32> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % REQUESTS_UNTIL_CLEANUP == REQUESTS_UNTIL_CLEANUP - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&user) {
            Ok(left) => Ok(left.remaining_burst_capacity()),
            Err(refused) => Err(seconds(refused.wait_time_from(self.limiter.clock().now()))),
        }
    }

    /// The seconds until all requests are left again.
    fn reset(&self, left: u32) -> u32 {
        let used = self.per_minute.get().saturating_sub(left);
        (u64::from(used) * 60).div_ceil(u64::from(self.per_minute.get())).try_into().unwrap_or(60)
    }

    fn headers(&self, left: u32, reset: u32) -> HeaderMap {
        let values = [(LIMIT, self.per_minute.get()), (REMAINING, left), (RESET, reset)];
        values.into_iter().map(|(name, value)| (name, HeaderValue::from(value))).collect()
    }
}

fn seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// The monotonic time of the server, since the limit was created.
#[derive(Clone)]
struct LimitClock {
    start: Instant,
    clock: Clock,
}

impl GovernorClock for LimitClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.clock.instant().saturating_duration_since(self.start).into()
    }
}

/// Refuses requests above the limit with 429 and `Retry-After`. Anonymous callers get 401.
pub async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>();
    let (Some(limit), Some(actor)) = (state.api_limit, actor) else { return next.run(request).await };
    let (mut response, headers) = match limit.count(actor.id) {
        Ok(left) => (next.run(request).await, limit.headers(left, limit.reset(left))),
        Err(wait) => {
            let refused = Problem(Error::TooMany { retry_after: wait }).into_response();
            (refused, limit.headers(0, limit.reset(0)))
        }
    };
    response.headers_mut().extend(headers);
    response
}
