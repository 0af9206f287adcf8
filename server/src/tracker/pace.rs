//! When to ask a tracker again: after its rate limit, or after a failure.

use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};

/// Readings of one issue that may fail in a row before it is left until its next event.
pub const MAX_ATTEMPTS: i32 = 8;
/// The wait after the first failure; it doubles with each further one.
const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// What GitHub asks for where it does not say how long: "wait for at least one minute".
const UNTOLD: i64 = 60;
/// A tracker that asks for more is asked again all the same.
const MOST: i64 = 2 * 60 * 60;

/// The wait after the failure with the number `attempt` (1 for the first): doubling, with up to
/// a quarter more by `jitter`, so that what failed together is not repeated together.
#[must_use]
pub fn backoff(attempt: i32, jitter: u8) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or_default().min(16);
    let wait = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    wait + wait.mul_f64(f64::from(jitter) / 1024.0)
}

/// Until when the headers of a refused request ask to wait: `retry-after` in seconds, else
/// `x-ratelimit-reset` in seconds of the epoch or, as Jira Cloud writes it, RFC 3339, else a minute.
#[must_use]
pub fn wait_until(headers: &HeaderMap, now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = match (number(headers, "retry-after"), reset(headers)) {
        (Some(seconds), _) => seconds,
        // A second more, as the tracker's clock is not this one.
        (None, Some(reset)) if exhausted(headers) => reset.saturating_sub(now.timestamp()).saturating_add(1),
        _ => UNTOLD,
    };
    now + chrono::TimeDelta::seconds(seconds.clamp(1, MOST))
}

/// Whether the headers say that no request is left.
#[must_use]
pub fn exhausted(headers: &HeaderMap) -> bool {
    number(headers, "x-ratelimit-remaining") == Some(0)
}

/// Until when the headers of a granted request ask to wait: it was the last one, or the tracker
/// slows down who asks more, as Azure DevOps does.
#[must_use]
pub fn pause(headers: &HeaderMap, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let asked = number(headers, "retry-after").is_some_and(|seconds| seconds > 0);
    (asked || exhausted(headers)).then(|| wait_until(headers, now))
}

fn reset(headers: &HeaderMap) -> Option<i64> {
    let time = || headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().replace('Z', ":00Z").parse().ok();
    let full = || headers.get("x-ratelimit-reset")?.to_str().ok()?.trim().parse().ok();
    let seconds = |time: DateTime<Utc>| time.timestamp();
    number(headers, "x-ratelimit-reset").or_else(|| full().or_else(time).map(seconds))
}

fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let waits = [1, 2, 3, 7, 8, i32::MAX].map(|attempt| backoff(attempt, 0).as_secs());
        assert_eq!(waits, [30, 60, 120, 1920, 3600, 3600]);
        assert!(backoff(1, u8::MAX) < Duration::from_secs(38));
    }

    #[test]
    fn a_tracker_says_how_long_to_wait_in_either_of_two_headers() {
        let wait = |pairs: &[(&'static str, &str)]| wait_until(&headers(pairs), at(1000));
        let (remaining, reset) = ("x-ratelimit-remaining", "x-ratelimit-reset");
        assert_eq!(wait(&[("retry-after", "30")]), at(1030));
        assert_eq!(wait(&[(remaining, "0"), (reset, "1600")]), at(1601));
        assert_eq!(wait(&[("retry-after", "5"), (remaining, "0"), (reset, "1600")]), at(1005));
        // A limit of another kind: the reset of the first one does not matter.
        assert_eq!(wait(&[(remaining, "4000"), (reset, "1600")]), at(1060));
        assert_eq!(wait(&[]), at(1060));
        for time in ["1970-01-01T00:20:00Z", "1970-01-01T00:20Z"] {
            assert_eq!(wait(&[(remaining, "0"), (reset, time)]), at(1201), "{time}");
        }
    }

    #[test]
    fn a_granted_request_may_ask_for_a_pause() {
        let asked = |pairs: &[(&'static str, &str)]| pause(&headers(pairs), at(1000));
        assert_eq!(asked(&[("retry-after", "20"), ("x-ratelimit-remaining", "7")]), Some(at(1020)));
        assert_eq!(asked(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1010")]), Some(at(1011)));
        assert_eq!(asked(&[("retry-after", "0"), ("x-ratelimit-remaining", "7")]), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn a_senseless_wait_is_bounded() {
        let wait = |pairs: &[(&'static str, &str)]| wait_until(&headers(pairs), at(1000));
        assert_eq!(wait(&[("retry-after", "99999999999")]), at(1000 + MOST));
        assert_eq!(wait(&[("retry-after", "-5")]), at(1001));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), at(1060));
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3")]), at(1001));
    }
}
