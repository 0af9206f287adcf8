//! What an endpoint may have in flight, and until when it rests. Pure: every rule that slows an
//! endpoint down meets here. The [endpoint worker](crate::dispatch::endpoint_worker) asks before
//! each claim.

use tokio::time::Instant;

/// Failed attempts in a row from which on an endpoint counts as failing.
const FAILING_AFTER: i32 = 3;
/// The most requests in flight at an endpoint that fails.
const MAX_IN_FLIGHT_WHILE_FAILING: usize = 4;

/// What is known of an endpoint before a claim.
#[derive(Clone, Copy, Debug)]
pub struct EndpointPace {
    /// The limit of its kind of destination; 1 while it is sent to in order.
    pub max_in_flight: usize,
    /// Failed attempts in a row, as far as they are known.
    pub consecutive_failures: i32,
    /// The limit that its responses allow ([`LearnedLimit`](super::LearnedLimit)).
    pub learned_limit: usize,
    /// Until when nothing is sent to it.
    pub rest_until: Option<Instant>,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The most requests in flight, those that are in flight already included.
    pub max_in_flight: usize,
    /// Nothing is sent before.
    pub rest_until: Option<Instant>,
}

/// What an endpoint may have in flight at `now`.
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
