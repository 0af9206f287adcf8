//! When to send the next request to a tracker: after its rate limit, or after a failure.

use std::time::Duration;

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};

/// Failed syncs of an issue in a row; after that it waits for its next event.
pub const MAX_ATTEMPTS: i32 = 8;
/// Doubles with each further failure.
const FIRST_RETRY_INTERVAL: Duration = Duration::from_secs(30);
const MAX_RETRY_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// GitHub's rule if it doesn't say how long: "wait for at least one minute".
const DEFAULT_PAUSE_SECONDS: i64 = 60;
/// A longer pause is cut to this.
const MAX_PAUSE_SECONDS: i64 = 2 * 60 * 60;
/// [`MAX_PAUSE_SECONDS`] as a duration.
pub const MAX_PAUSE: Duration = Duration::from_secs(MAX_PAUSE_SECONDS.unsigned_abs());

/// The wait after failure number `attempt` (from 1): doubling, plus up to a quarter by `jitter`, so
/// that issues that failed together are not retried together.
#[must_use]
pub fn backoff(attempt: i32, jitter: u8) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or_default().min(16);
    let wait = FIRST_RETRY_INTERVAL.saturating_mul(1 << doublings).min(MAX_RETRY_INTERVAL);
    wait + wait.mul_f64(f64::from(jitter) / 1024.0)
}

/// Until when the headers of a rejected request ask to wait: `retry-after` in seconds, else
/// `x-ratelimit-reset` in epoch seconds or (Jira Cloud) RFC 3339, else a minute.
#[must_use]
pub fn wait_until(headers: &HeaderMap, now: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = match (number(headers, "retry-after"), reset(headers)) {
        (Some(seconds), _) => seconds,
        // One second more, because the tracker's clock may differ.
        (None, Some(reset)) if exhausted(headers) => reset.saturating_sub(now.timestamp()).saturating_add(1),
        _ => DEFAULT_PAUSE_SECONDS,
    };
    now + chrono::TimeDelta::seconds(seconds.clamp(1, MAX_PAUSE_SECONDS))
}

/// Whether the headers say that no requests remain.
#[must_use]
pub fn exhausted(headers: &HeaderMap) -> bool {
    number(headers, "x-ratelimit-remaining") == Some(0)
}

/// Until when the headers of a successful request ask to wait: it was the last one granted, or the
/// tracker throttles the client, as Azure DevOps does.
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
    fn the_backoff_doubles_up_to_an_hour() {
        let waits = [1, 2, 3, 7, 8, i32::MAX].map(|attempt| backoff(attempt, 0).as_secs());
        assert_eq!(waits, [30, 60, 120, 1920, 3600, 3600]);
        assert!(backoff(1, u8::MAX) < Duration::from_secs(38));
    }

    #[test]
    fn either_of_two_headers_sets_the_pause() {
        let wait = |pairs: &[(&'static str, &str)]| wait_until(&headers(pairs), at(1000));
        let (remaining, reset) = ("x-ratelimit-remaining", "x-ratelimit-reset");
        assert_eq!(wait(&[("retry-after", "30")]), at(1030));
        assert_eq!(wait(&[(remaining, "0"), (reset, "1600")]), at(1601));
        assert_eq!(wait(&[("retry-after", "5"), (remaining, "0"), (reset, "1600")]), at(1005));
        // Another kind of limit: the reset of this one does not matter.
        assert_eq!(wait(&[(remaining, "4000"), (reset, "1600")]), at(1060));
        assert_eq!(wait(&[]), at(1060));
        for time in ["1970-01-01T00:20:00Z", "1970-01-01T00:20Z"] {
            assert_eq!(wait(&[(remaining, "0"), (reset, time)]), at(1201), "{time}");
        }
    }

    #[test]
    fn a_successful_request_may_ask_for_a_pause() {
        let asked = |pairs: &[(&'static str, &str)]| pause(&headers(pairs), at(1000));
        assert_eq!(asked(&[("retry-after", "20"), ("x-ratelimit-remaining", "7")]), Some(at(1020)));
        assert_eq!(asked(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1010")]), Some(at(1011)));
        assert_eq!(asked(&[("retry-after", "0"), ("x-ratelimit-remaining", "7")]), None);
        assert_eq!(asked(&[]), None);
    }

    #[test]
    fn a_pause_is_bounded() {
        let wait = |pairs: &[(&'static str, &str)]| wait_until(&headers(pairs), at(1000));
        assert_eq!(wait(&[("retry-after", "99999999999")]), at(1000 + MAX_PAUSE_SECONDS));
        assert_eq!(wait(&[("retry-after", "-5")]), at(1001));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), at(1060));
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "3")]), at(1001));
    }
}
