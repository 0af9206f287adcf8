//! Whether and when a delivery is attempted again.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// The waits between the attempts; the first attempt is made at once.
const WAITS: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
];

/// How many attempts are made at the most.
pub const MAX_ATTEMPTS: u32 = 8;
const _: () = assert!(MAX_ATTEMPTS as usize == WAITS.len() + 1);

/// By how much a wait is stretched or cut, so that what failed together is not sent together.
const JITTER: f64 = 0.2;

/// However long an endpoint asks to be left alone, it is asked again after this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What an attempt means for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrived.
    Delivered,
    /// It is to be attempted again after this.
    Again(Duration),
    /// It is given up.
    Failed,
}

/// Judges the latest attempt.
///
/// - `made`: attempts made, this one included.
/// - `status`: of the response; `None` when none came or it was cut off.
/// - `retry_after`: what the response asked for.
/// - `chance`: 0 to 1, where in the range of the jitter the wait falls.
#[must_use]
pub fn judge(made: u32, status: Option<u16>, retry_after: Option<Duration>, chance: f64) -> Verdict {
    match status {
        Some(200..=299) => return Verdict::Delivered,
        // Gone: the endpoint wants no more of it (Standard Webhooks).
        Some(410) => return Verdict::Failed,
        _ => {}
    }
    let wait = usize::try_from(made).ok().and_then(|made| WAITS.get(made.checked_sub(1)?));
    let Some(wait) = wait else { return Verdict::Failed };
    let wait = wait.mul_f64(1.0 - JITTER + 2.0 * JITTER * chance.clamp(0.0, 1.0));
    // Not earlier than was asked, but also not earlier than planned: an endpoint that always
    // says "in a second" would use up all attempts in as many seconds.
    let asked = retry_after.filter(|_| matches!(status, Some(429 | 503))).unwrap_or_default();
    Verdict::Again(wait.max(asked.min(RETRY_AFTER_MAX)))
}

/// Reads `Retry-After`: seconds, or the date of HTTP (RFC 9110, 10.2.3).
#[must_use]
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: DateTime<Utc> = httpdate::parse_http_date(value).ok()?.into();
    Some((date - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: f64 = 0.5;

    fn wait(made: u32) -> Option<u64> {
        match judge(made, Some(500), None, MIDDLE) {
            Verdict::Again(wait) => Some(wait.as_secs()),
            _ => None,
        }
    }

    #[test]
    fn eight_attempts_are_made_with_the_waits_of_the_schedule_between_them() {
        let waits: Vec<_> = (1..=8).map(wait).collect();
        let minutes = |n: u64| Some(n * 60);
        let expected = [Some(5), minutes(5), minutes(30), minutes(120), minutes(300), minutes(600), minutes(600), None];
        assert_eq!(waits, expected);
        assert_eq!(judge(8, None, None, MIDDLE), Verdict::Failed);
        assert_eq!(judge(9, Some(500), None, MIDDLE), Verdict::Failed);
        assert_eq!(judge(8, Some(200), None, MIDDLE), Verdict::Delivered);
    }

    #[test]
    fn the_jitter_is_a_fifth_either_way() {
        assert_eq!(judge(1, None, None, 0.0), Verdict::Again(Duration::from_secs(4)));
        assert_eq!(judge(1, None, None, 1.0), Verdict::Again(Duration::from_secs(6)));
    }

    #[test]
    fn only_2xx_is_a_success_and_gone_ends_the_delivery() {
        for status in [200, 201, 204, 299] {
            assert_eq!(judge(1, Some(status), None, MIDDLE), Verdict::Delivered, "{status}");
        }
        for status in [100, 199, 300, 301, 302, 304, 307, 400, 401, 404, 500] {
            assert!(matches!(judge(1, Some(status), None, MIDDLE), Verdict::Again(_)), "{status}");
        }
        assert_eq!(judge(1, Some(410), None, MIDDLE), Verdict::Failed);
    }

    #[test]
    fn retry_after_puts_the_next_attempt_off_within_a_day_where_it_means_something() {
        let asked = |status, seconds| judge(1, Some(status), Some(Duration::from_secs(seconds)), MIDDLE);
        assert_eq!(asked(429, 60), Verdict::Again(Duration::from_secs(60)));
        assert_eq!(asked(503, 60), Verdict::Again(Duration::from_secs(60)));
        assert_eq!(asked(500, 60), Verdict::Again(Duration::from_secs(5)));
        assert_eq!(asked(429, 1), Verdict::Again(Duration::from_secs(5)));
        assert_eq!(asked(429, u64::MAX), Verdict::Again(RETRY_AFTER_MAX));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2015-10-21T07:28:00Z".parse().unwrap();
        assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:30:00 GMT", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:00:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["", "-1", "soon", "99999999999999999999999"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
        }
    }
}
