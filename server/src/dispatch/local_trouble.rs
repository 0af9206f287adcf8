//! Trouble of this machine that says nothing about an endpoint: the process was suspended, or the
//! system was out of descriptors, ports or memory. The delivery is then released: it was no
//! attempt, and it is sent again after a short delay.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::net::{FailureKind, ProxyError, Reason, UrlRefusal};

/// If a deadline is overrun by more, this process was stopped, overloaded or suspended with its
/// machine.
pub const MAX_OVERRUN: Duration = Duration::from_secs(1);
/// The delay of a delivery after local trouble, and the maximum random addition.
const RETRY_DELAY: Duration = Duration::from_secs(5);
const MAX_RETRY_JITTER: Duration = Duration::from_secs(5);
/// Trouble that comes back after this long without any is new, and is logged again.
const QUIET_PERIOD: Duration = Duration::from_secs(60);

/// A kind of local trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalTrouble {
    /// The process was suspended while a request was in flight.
    Stalled,
    /// The system lacked a resource for a request.
    Resources,
    /// The machine has lost its network.
    NoNetwork,
}

/// The local trouble that made a request fail; `None` if the endpoint did.
///
/// - `limit`: the time limit of the request.
/// - `elapsed`: its duration by the monotonic clock.
/// - `wall_elapsed`: its duration by the time of day, which continues while the machine sleeps.
/// - `is_network_lost`: called only if there is no route to the endpoint.
#[must_use]
pub fn local_trouble(
    reason: &Reason,
    limit: Duration,
    elapsed: Duration,
    wall_elapsed: Duration,
    is_network_lost: impl FnOnce() -> bool,
) -> Option<LocalTrouble> {
    if reason.kind() == FailureKind::LocalResource {
        return Some(LocalTrouble::Resources);
    }
    if elapsed.max(wall_elapsed) > limit + MAX_OVERRUN {
        return Some(LocalTrouble::Stalled);
    }
    (lacks_route(reason) && is_network_lost()).then_some(LocalTrouble::NoNetwork)
}

fn lacks_route(reason: &Reason) -> bool {
    match reason {
        Reason::Unreachable(_) | Reason::Refused(UrlRefusal::NotFound { .. }) => true,
        Reason::Proxy(ProxyError::Unreachable(reason)) => lacks_route(reason),
        _ => false,
    }
}

/// The delay of the delivery; `jitter` is 0 to 1, so that retries spread out.
#[must_use]
pub fn retry_delay(jitter: f64) -> Duration {
    RETRY_DELAY + MAX_RETRY_JITTER.mul_f64(jitter.clamp(0.0, 1.0))
}

impl LocalTrouble {
    /// The label of the metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stalled => "stalled",
            Self::Resources => "resources",
            Self::NoNetwork => "no_network",
        }
    }

    /// The explanation for users.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Stalled => "Not counted: the Testbell server was stopped or overloaded. It will be sent again soon.",
            Self::Resources => "Not counted: the Testbell server is short of resources. It will be sent again soon.",
            Self::NoNetwork => "Not counted: the Testbell server has no network. It will be sent again soon.",
        }
    }

    /// The explanation for users if an issue could not be read from its tracker.
    #[must_use]
    pub const fn reading_sentence(self) -> &'static str {
        match self {
            Self::Stalled => "The Testbell server was stopped or overloaded while it read from the tracker.",
            Self::Resources => "The Testbell server is short of resources and could not read from the tracker.",
            Self::NoNetwork => "The Testbell server has no network and could not read from the tracker.",
        }
    }
}

/// Logs each kind of trouble once, however many deliveries it affects. Cheap to clone.
#[derive(Clone, Default)]
pub struct TroubleLog {
    last_seen: Arc<Mutex<HashMap<LocalTrouble, Instant>>>,
}

impl TroubleLog {
    /// Records trouble that prevented an attempt.
    pub fn note(&self, trouble: LocalTrouble, cause: &str, now: Instant) {
        metrics::counter!("testbell_deliveries_released_total", "reason" => trouble.as_str()).increment(1);
        if self.is_new(trouble, now) {
            tracing::warn!(
                reason = trouble.as_str(),
                cause,
                "a problem of this server delays deliveries; they are retried and not counted"
            );
        }
    }

    fn is_new(&self, trouble: LocalTrouble, now: Instant) -> bool {
        let mut last_seen = self.last_seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last_seen.insert(trouble, now);
        before.is_none_or(|seen| now.saturating_duration_since(seen) >= QUIET_PERIOD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Phase;

    const LIMIT: Duration = Duration::from_secs(10);
    const TIMED_OUT: Reason = Reason::TimedOut { limit: LIMIT, phase: Phase::Waiting };

    fn local_trouble_of(reason: &Reason, elapsed: u64, wall_elapsed: u64) -> Option<LocalTrouble> {
        let [elapsed, wall_elapsed] = [elapsed, wall_elapsed].map(Duration::from_millis);
        local_trouble(reason, LIMIT, elapsed, wall_elapsed, || false)
    }

    #[test]
    fn a_deadline_overrun_by_either_clock_is_local_trouble() {
        for (elapsed, wall_elapsed, expected) in [
            (10_000, 10_000, None),
            (11_000, 11_000, None),
            (11_001, 11_001, Some(LocalTrouble::Stalled)),
            (20_000, 20_000, Some(LocalTrouble::Stalled)),
            // The machine slept, which stops one of the clocks.
            (10_000, 3_600_000, Some(LocalTrouble::Stalled)),
            // The time of day was set back.
            (10_000, 0, None),
        ] {
            assert_eq!(local_trouble_of(&TIMED_OUT, elapsed, wall_elapsed), expected, "{elapsed} {wall_elapsed}");
        }
        assert_eq!(local_trouble_of(&Reason::Closed, 20_000, 20_000), Some(LocalTrouble::Stalled));
        assert_eq!(local_trouble_of(&Reason::Closed, 5, 5), None);
    }

    #[test]
    fn a_lack_of_resources_is_local_trouble() {
        let reason = Reason::LocalResource("Too many open files".to_owned());
        assert_eq!(local_trouble_of(&reason, 1, 1), Some(LocalTrouble::Resources));
        assert_eq!(local_trouble_of(&Reason::ConnectRefused, 1, 1), None);
    }

    #[test]
    fn a_missing_route_is_local_trouble_only_without_network() {
        let reason = Reason::Unreachable("Network is unreachable".to_owned());
        let local_trouble_of = |is_lost| local_trouble(&reason, LIMIT, Duration::ZERO, Duration::ZERO, || is_lost);
        assert_eq!(local_trouble_of(false), None);
        assert_eq!(local_trouble_of(true), Some(LocalTrouble::NoNetwork));
    }

    #[tokio::test]
    async fn trouble_is_logged_once_per_occurrence() {
        let (log, began) = (TroubleLog::default(), Instant::now());
        let is_new = |trouble, seconds| log.is_new(trouble, began + Duration::from_secs(seconds));
        assert!(is_new(LocalTrouble::Stalled, 0));
        assert!(!is_new(LocalTrouble::Stalled, 50));
        assert!(!is_new(LocalTrouble::Stalled, 100));
        assert!(is_new(LocalTrouble::Resources, 100));
        assert!(is_new(LocalTrouble::Stalled, 160));
    }

    #[test]
    fn released_deliveries_wait_five_to_ten_seconds() {
        assert_eq!((retry_delay(0.0), retry_delay(1.0)), (Duration::from_secs(5), Duration::from_secs(10)));
    }
}
