//! Decides whether and when a delivery is retried, and how long an endpoint that asks to wait is
//! paused. Pure.

use std::time::Duration;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::policy::{
    DEFAULT_ENDPOINT_PAUSE, MAX_ENDPOINT_PAUSE, MAX_TOTAL_PAUSE, MIN_ENDPOINT_PAUSE, MIN_PAUSE_PART, RETRY_JITTER,
};

use crate::destinations::AttemptResult;

/// What an attempt means for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDecision {
    /// It was delivered.
    Delivered,
    /// It is retried after this delay.
    RetryAfter(Duration),
    /// The endpoint asked to wait. It is retried after this delay, and no attempt is used up.
    Paused(Duration),
    /// It failed, and is not retried.
    Failed,
}

/// Decides after the latest attempt.
///
/// - `made`: attempts on the schedule, including this one.
/// - `jitter`: 0 to 1, the position within the range of the jitter.
#[must_use]
pub fn decide(policy: &DeliveryPolicy, made: u32, result: &AttemptResult, jitter: f64) -> RetryDecision {
    let asked = match result {
        AttemptResult::Success => return RetryDecision::Delivered,
        AttemptResult::Gone { .. } | AttemptResult::Unsendable { .. } => return RetryDecision::Failed,
        AttemptResult::RetryAfter { delay, .. } => delay.unwrap_or_default(),
        AttemptResult::Refused { .. } if !policy.retry_client_errors => return RetryDecision::Failed,
        AttemptResult::Refused { .. } | AttemptResult::Failed { .. } => Duration::ZERO,
    };
    let Some(wait) = policy.delay_after(made) else { return RetryDecision::Failed };
    let wait = wait.mul_f64(1.0 - RETRY_JITTER + 2.0 * RETRY_JITTER * jitter.clamp(0.0, 1.0));
    // Not earlier than the schedule: an endpoint that always says "in a second" would use up all
    // attempts in as many seconds.
    RetryDecision::RetryAfter(wait.max(asked.min(MAX_ENDPOINT_PAUSE)))
}

/// The maximum delay before the next attempt.
///
/// - `made`: attempts on the schedule so far.
/// - `is_wait_requested`: whether the latest response asked to wait.
#[must_use]
pub fn max_delay(policy: &DeliveryPolicy, made: u32, is_wait_requested: bool) -> Duration {
    let planned = policy.delay_after(made).unwrap_or_default().mul_f64(1.0 + RETRY_JITTER);
    if is_wait_requested { planned.max(MAX_ENDPOINT_PAUSE) } else { planned }
}

/// The pause that a result asks for; `None` if it doesn't ask to wait.
///
/// - `total`: how long the endpoint was paused since its last success.
#[must_use]
pub fn requested_pause(result: &AttemptResult, total: Duration) -> Option<Duration> {
    let AttemptResult::RetryAfter { delay, .. } = result else { return None };
    let asked = delay.unwrap_or(DEFAULT_ENDPOINT_PAUSE);
    // An endpoint that says "in a second" for a day would get 86,400 requests.
    Some(asked.max(total / MIN_PAUSE_PART).clamp(MIN_ENDPOINT_PAUSE, MAX_ENDPOINT_PAUSE))
}

/// Whether a request to wait counts as a failure, after this total of pauses without a success.
#[must_use]
pub fn counts_as_failure(total: Duration) -> bool {
    total > MAX_TOTAL_PAUSE
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: f64 = 0.5;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn policy() -> DeliveryPolicy {
        DeliveryPolicy::default()
    }

    fn failed() -> AttemptResult {
        AttemptResult::failed("It failed.")
    }

    fn retry_after(delay: Option<Duration>) -> AttemptResult {
        AttemptResult::RetryAfter { delay, explanation: "Wait.".to_owned() }
    }

    fn wait(made: u32) -> Option<u64> {
        match decide(&policy(), made, &failed(), MIDDLE) {
            RetryDecision::RetryAfter(wait) => Some(wait.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn eight_attempts_are_made_on_the_schedule() {
        let waits: Vec<_> = (1..=8).map(wait).collect();
        let minutes = |n: u64| Some(n * 60);
        let expected = [Some(5), minutes(5), minutes(30), minutes(120), minutes(300), minutes(600), minutes(600), None];
        assert_eq!(waits, expected);
        assert_eq!(decide(&policy(), 8, &failed(), MIDDLE), RetryDecision::Failed);
        assert_eq!(decide(&policy(), 9, &failed(), MIDDLE), RetryDecision::Failed);
        assert_eq!(decide(&policy(), 8, &AttemptResult::Success, MIDDLE), RetryDecision::Delivered);
    }

    #[test]
    fn the_jitter_is_a_fifth_either_way() {
        assert_eq!(decide(&policy(), 1, &failed(), 0.0), RetryDecision::RetryAfter(seconds(4)));
        assert_eq!(decide(&policy(), 1, &failed(), 1.0), RetryDecision::RetryAfter(seconds(6)));
    }

    #[test]
    fn no_wait_is_longer_than_the_longest() {
        for made in 1..8 {
            for (result, is_wait_requested) in
                [(failed(), false), (retry_after(Some(Duration::MAX)), true), (retry_after(None), true)]
            {
                let RetryDecision::RetryAfter(wait) = decide(&policy(), made, &result, 1.0) else {
                    panic!("{made} {result:?}")
                };
                assert!(wait <= max_delay(&policy(), made, is_wait_requested), "{made} {result:?}");
            }
        }
        assert_eq!(max_delay(&policy(), 1, false), seconds(6));
        assert_eq!(
            (max_delay(&policy(), 0, false), max_delay(&policy(), 0, true)),
            (Duration::ZERO, MAX_ENDPOINT_PAUSE)
        );
    }

    #[test]
    fn a_webhook_can_have_its_own_schedule() {
        let own = DeliveryPolicy { retry_delays: vec![0, 120, 600], ..policy() };
        let waits: Vec<_> = (1..=4).map(|made| decide(&own, made, &failed(), MIDDLE)).collect();
        let [now, soon, later] = [0, 120, 600].map(|wait| RetryDecision::RetryAfter(seconds(wait)));
        assert_eq!(waits, [now, soon, later, RetryDecision::Failed]);
        let none = DeliveryPolicy { retry_delays: Vec::new(), ..policy() };
        assert_eq!(decide(&none, 1, &failed(), MIDDLE), RetryDecision::Failed);
    }

    #[test]
    fn a_refused_request_is_retried_only_if_the_policy_says_so() {
        let refused = AttemptResult::Refused { explanation: "404".to_owned() };
        assert_eq!(decide(&policy(), 1, &refused, MIDDLE), RetryDecision::Failed);
        let retries = DeliveryPolicy { retry_client_errors: true, ..policy() };
        assert_eq!(decide(&retries, 1, &refused, MIDDLE), RetryDecision::RetryAfter(seconds(5)));
        assert_eq!(decide(&retries, 8, &refused, MIDDLE), RetryDecision::Failed);
    }

    #[test]
    fn gone_ends_the_delivery() {
        let gone = AttemptResult::Gone { explanation: "Gone.".to_owned() };
        assert_eq!(decide(&policy(), 1, &gone, MIDDLE), RetryDecision::Failed);
    }

    #[test]
    fn a_request_to_wait_delays_a_retry_by_up_to_an_hour() {
        let asked = |delay| decide(&policy(), 1, &retry_after(Some(delay)), MIDDLE);
        assert_eq!(asked(seconds(60)), RetryDecision::RetryAfter(seconds(60)));
        assert_eq!(asked(seconds(1)), RetryDecision::RetryAfter(seconds(5)));
        assert_eq!(asked(Duration::MAX), RetryDecision::RetryAfter(MAX_ENDPOINT_PAUSE));
    }

    #[test]
    fn only_a_request_to_wait_pauses() {
        assert_eq!(requested_pause(&retry_after(Some(seconds(7))), Duration::ZERO), Some(seconds(7)));
        assert_eq!(requested_pause(&retry_after(None), Duration::ZERO), Some(DEFAULT_ENDPOINT_PAUSE));
        assert_eq!(requested_pause(&failed(), Duration::ZERO), None);
        assert_eq!(requested_pause(&AttemptResult::Success, Duration::ZERO), None);
    }

    #[test]
    fn a_pause_has_bounds() {
        let asked = |delay| requested_pause(&retry_after(Some(delay)), Duration::ZERO);
        assert_eq!(asked(Duration::ZERO), Some(MIN_ENDPOINT_PAUSE));
        assert_eq!(asked(Duration::MAX), Some(MAX_ENDPOINT_PAUSE));
    }

    #[test]
    fn an_endpoint_that_keeps_asking_gets_few_requests() {
        let (mut total, mut requests) = (Duration::ZERO, 0);
        let asked = retry_after(Some(seconds(2)));
        while !counts_as_failure(total) {
            total += requested_pause(&asked, total).unwrap();
            requests += 1;
        }
        assert!((40..80).contains(&requests), "{requests}");
        assert_eq!(requested_pause(&asked, seconds(8)), Some(seconds(2)), "as asked at first");
        assert_eq!(requested_pause(&asked, seconds(60)), Some(seconds(15)));
    }
}
