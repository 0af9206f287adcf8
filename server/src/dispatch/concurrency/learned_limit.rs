//! Learns how many requests one endpoint can handle in parallel, from its responses. Pure.
//!
//! The limit starts small, grows with each success and is halved after failures, like TCP's
//! congestion window. All requests that were in flight together count as one round: a round of
//! failures halves the limit once.

use std::time::Duration;

use app::model::policy::MAX_IN_FLIGHT_PER_ENDPOINT;

/// The limit of an unknown endpoint.
pub const INITIAL_IN_FLIGHT: usize = 4;
/// The maximum number of requests in flight to a slow endpoint.
pub const MAX_IN_FLIGHT_WHILE_SLOW: usize = 16;
/// A response that takes this long is slow.
const SLOW_RESPONSE_TIME: Duration = Duration::from_secs(1);

/// What an attempt says about the load on its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadSignal {
    /// It succeeded quickly.
    Fast,
    /// It succeeded, but slowly.
    Slow,
    /// It failed.
    Failed,
}

impl LoadSignal {
    /// The signal of an attempt.
    #[must_use]
    pub fn from_attempt(success: bool, duration: Duration) -> Self {
        match success {
            false => Self::Failed,
            true if duration >= SLOW_RESPONSE_TIME => Self::Slow,
            true => Self::Fast,
        }
    }
}

/// The learned limit of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedLimit {
    limit: usize,
    /// Below it the limit doubles with each round; above it the limit grows by one.
    threshold: usize,
    /// Successes since the limit last grew.
    successes: usize,
    /// Counts how often the limit was reduced.
    round: u32,
}

impl Default for LearnedLimit {
    fn default() -> Self {
        Self { limit: INITIAL_IN_FLIGHT, threshold: MAX_IN_FLIGHT_PER_ENDPOINT, successes: 0, round: 0 }
    }
}

impl LearnedLimit {
    /// The number of requests that may be in flight.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The round of a request that starts now.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// Learns from a request that was started in `round`.
    pub fn learn(&mut self, signal: LoadSignal, round: u32) {
        match signal {
            LoadSignal::Failed => self.reduce(round, 1),
            LoadSignal::Slow if self.limit > MAX_IN_FLIGHT_WHILE_SLOW => self.reduce(round, MAX_IN_FLIGHT_WHILE_SLOW),
            LoadSignal::Slow => self.grow(MAX_IN_FLIGHT_WHILE_SLOW),
            LoadSignal::Fast => self.grow(MAX_IN_FLIGHT_PER_ENDPOINT),
        }
    }

    fn reduce(&mut self, round: u32, min: usize) {
        // A request of an earlier round says nothing about the current limit.
        if round != self.round {
            return;
        }
        self.limit = (self.limit / 2).max(min);
        self.threshold = self.limit;
        self.successes = 0;
        self.round = self.round.wrapping_add(1);
    }

    fn grow(&mut self, max: usize) {
        self.successes += 1;
        if self.limit < self.threshold || self.successes >= self.limit {
            self.limit = (self.limit + 1).min(max);
            self.successes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(mut concurrency: LearnedLimit, signal: LoadSignal, times: usize) -> LearnedLimit {
        for _ in 0..times {
            concurrency.learn(signal, concurrency.round());
        }
        concurrency
    }

    /// As many requests as the limit end alike.
    fn after_round(mut concurrency: LearnedLimit, signal: LoadSignal) -> LearnedLimit {
        let round = concurrency.round();
        for _ in 0..concurrency.limit() {
            concurrency.learn(signal, round);
        }
        concurrency
    }

    #[test]
    fn a_limit_doubles_with_each_round_of_successes() {
        let mut concurrency = LearnedLimit::default();
        let mut limits = Vec::new();
        for _ in 0..6 {
            limits.push(concurrency.limit());
            concurrency = after_round(concurrency, LoadSignal::Fast);
        }
        assert_eq!(limits, [4, 8, 16, 32, 64, 64]);
    }

    #[test]
    fn a_round_of_failures_halves_the_limit_once() {
        let mut concurrency = after(LearnedLimit::default(), LoadSignal::Fast, 100);
        let mut limits = Vec::new();
        for _ in 0..8 {
            limits.push(concurrency.limit());
            concurrency = after_round(concurrency, LoadSignal::Failed);
        }
        assert_eq!(limits, [64, 32, 16, 8, 4, 2, 1, 1]);
    }

    #[test]
    fn a_limit_grows_by_one_per_round_after_failures() {
        let failed = after_round(LearnedLimit::default(), LoadSignal::Failed);
        assert_eq!(failed.limit(), 2);
        assert_eq!(after_round(failed, LoadSignal::Fast).limit(), 3);
        assert_eq!(after_round(after_round(failed, LoadSignal::Fast), LoadSignal::Fast).limit(), 4);
    }

    #[test]
    fn slow_responses_reduce_the_limit_to_a_minimum() {
        let fast = after(LearnedLimit::default(), LoadSignal::Fast, 100);
        assert_eq!(after_round(fast, LoadSignal::Slow).limit(), 32);
        assert_eq!(after(fast, LoadSignal::Slow, 1000).limit(), MAX_IN_FLIGHT_WHILE_SLOW);
        assert_eq!(after(LearnedLimit::default(), LoadSignal::Slow, 1000).limit(), MAX_IN_FLIGHT_WHILE_SLOW);
    }

    #[test]
    fn a_success_that_takes_a_second_is_slow() {
        assert_eq!(LoadSignal::from_attempt(true, Duration::from_millis(999)), LoadSignal::Fast);
        assert_eq!(LoadSignal::from_attempt(true, SLOW_RESPONSE_TIME), LoadSignal::Slow);
        assert_eq!(LoadSignal::from_attempt(false, Duration::ZERO), LoadSignal::Failed);
    }

    proptest! {
        #[test]
        fn a_limit_is_always_within_its_bounds(signals in proptest::collection::vec(0..3, 0..500)) {
            let mut concurrency = LearnedLimit::default();
            for signal in signals {
                let signal = [LoadSignal::Fast, LoadSignal::Slow, LoadSignal::Failed][usize::try_from(signal).unwrap()];
                concurrency.learn(signal, concurrency.round());
                prop_assert!((1..=MAX_IN_FLIGHT_PER_ENDPOINT).contains(&concurrency.limit()));
            }
        }
    }
}
