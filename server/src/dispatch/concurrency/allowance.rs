//! How many requests an endpoint may have in flight, and until when it pauses. Pure: it combines
//! every rule that slows an endpoint down. The [endpoint worker](crate::dispatch::endpoint_worker)
//! asks before each claim.

use tokio::time::Instant;

/// An endpoint counts as failing after this many failed attempts in a row.
const FAILING_AFTER: i32 = 3;
/// The maximum number of requests in flight to a failing endpoint.
const MAX_IN_FLIGHT_WHILE_FAILING: usize = 4;

/// The facts about an endpoint before a claim.
#[derive(Clone, Copy, Debug)]
pub struct EndpointPace {
    /// The limit of its kind of destination; 1 while deliveries are sent in order.
    pub max_in_flight: usize,
    /// Failed attempts in a row, as far as known.
    pub consecutive_failures: i32,
    /// The limit learned from its responses ([`LearnedLimit`](super::LearnedLimit)).
    pub learned_limit: usize,
    /// Nothing is sent before this time.
    pub rest_until: Option<Instant>,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The maximum number of requests in flight, including current ones.
    pub max_in_flight: usize,
    /// Nothing is sent before this time.
    pub rest_until: Option<Instant>,
}

/// The allowance of an endpoint at `now`.
#[must_use]
pub fn allowance(pace: EndpointPace, now: Instant) -> Allowance {
    let while_failing =
        if pace.consecutive_failures >= FAILING_AFTER { MAX_IN_FLIGHT_WHILE_FAILING } else { usize::MAX };
    let max_in_flight = pace.max_in_flight.min(pace.learned_limit).min(while_failing);
    Allowance { max_in_flight, rest_until: pace.rest_until.filter(|until| *until > now) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PACE: EndpointPace =
        EndpointPace { max_in_flight: 64, consecutive_failures: 0, learned_limit: 64, rest_until: None };

    #[tokio::test]
    async fn the_smallest_of_the_limits_holds() {
        let now = Instant::now();
        for (pace, max_in_flight) in [
            (PACE, 64),
            (EndpointPace { learned_limit: 7, ..PACE }, 7),
            (EndpointPace { consecutive_failures: 2, ..PACE }, 64),
            (EndpointPace { consecutive_failures: 3, ..PACE }, 4),
            (EndpointPace { consecutive_failures: 3, learned_limit: 1, ..PACE }, 1),
            (EndpointPace { max_in_flight: 1, ..PACE }, 1),
        ] {
            assert_eq!(allowance(pace, now).max_in_flight, max_in_flight, "{pace:?}");
        }
    }

    #[tokio::test]
    async fn a_rest_ends_at_its_time() {
        let now = Instant::now();
        let then = now + Duration::from_secs(5);
        let resting = EndpointPace { rest_until: Some(then), ..PACE };
        assert_eq!(allowance(resting, now).rest_until, Some(then));
        assert_eq!(allowance(resting, then).rest_until, None);
    }
}
