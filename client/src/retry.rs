//! Which calls are sent again, and when.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::error::Error;

/// The wait before the first repetition, if the server doesn't say how long. It doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// How often a call is sent again, and how long it waits for that.
///
/// A call is sent again after 429, because the server has not begun it. It is sent again after 503, and if there was no
/// response, when this has the same effect as sending it once: reading, setting, deleting (only after 503), and each POST,
/// which has an `Idempotency-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How often a call is sent again; 4 by default, 0 for never.
    pub max_retries: u32,
    /// The longest wait; one minute by default. If the server asks for more, the call fails at once, and
    /// [`Problem::retry_after`](crate::Problem::retry_after) says how long to wait.
    pub max_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_retries: 4, max_wait: Duration::from_secs(60) }
    }
}

impl RetryPolicy {
    /// How long to wait before a call is sent again; `None` if it isn't. `retries` is how often it was already.
    pub(crate) fn wait(self, retries: u32, method: &Method, error: &Error) -> Option<Duration> {
        if retries >= self.max_retries || !may_repeat(method, error) {
            return None;
        }
        match error.problem().and_then(|problem| problem.retry_after) {
            Some(asked) => (asked <= self.max_wait).then_some(asked),
            None => {
                let factor = 1_u32.checked_shl(retries).unwrap_or(u32::MAX);
                Some(FIRST_WAIT.saturating_mul(factor).min(self.max_wait))
            }
        }
    }
}

fn may_repeat(method: &Method, error: &Error) -> bool {
    // A POST has a key. A repeated DELETE whose response was lost would say that there is nothing to delete.
    let sets = *method == Method::POST || *method == Method::PUT || method.is_safe();
    match error {
        Error::NoResponse(_) => sets,
        // The stored response to an earlier request stays the same.
        Error::Refused(problem) if problem.replayed => false,
        Error::Refused(problem) => match problem.status {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::SERVICE_UNAVAILABLE => sets || *method == Method::DELETE,
            // The first request with the key is still being handled.
            StatusCode::CONFLICT => *method == Method::POST && problem.retry_after.is_some(),
            _ => false,
        },
        Error::Invalid(_) | Error::NotFound(_) | Error::Unexpected(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::*;
    use crate::error::Problem;

    fn refused(status: u16, retry_after: Option<&'static str>) -> Error {
        let value = retry_after.map(|text| (header::RETRY_AFTER, HeaderValue::from_static(text)));
        let status = StatusCode::from_u16(status).unwrap();
        Error::Refused(Box::new(Problem::read(status, &HeaderMap::from_iter(value), b"")))
    }

    #[test]
    fn a_call_waits_as_long_as_the_server_asks() {
        let policy = RetryPolicy::default();
        let wait = |retries, error: &Error| policy.wait(retries, &Method::POST, error);
        assert_eq!(wait(0, &refused(429, Some("7"))), Some(Duration::from_secs(7)));
        assert_eq!(wait(0, &refused(503, Some("0"))), Some(Duration::ZERO));
        assert_eq!(wait(0, &refused(409, Some("1"))), Some(Duration::from_secs(1)));
        assert_eq!(wait(0, &refused(503, Some("61"))), None, "too long");
        assert_eq!(wait(4, &refused(429, Some("7"))), None, "too often");
        assert_eq!(wait(0, &refused(503, None)), Some(FIRST_WAIT));
        assert_eq!(wait(3, &refused(503, None)), Some(FIRST_WAIT * 8));
    }

    #[test]
    fn only_what_is_safe_is_sent_again() {
        let policy = RetryPolicy::default();
        let lost = Error::NoResponse(String::new());
        for (method, error, repeated) in [
            (Method::GET, &lost, true),
            (Method::POST, &lost, true),
            (Method::PUT, &lost, true),
            (Method::PATCH, &lost, false),
            (Method::DELETE, &lost, false),
            (Method::DELETE, &refused(503, Some("1")), true),
            (Method::PATCH, &refused(503, Some("1")), false),
            (Method::PATCH, &refused(429, Some("1")), true),
            (Method::POST, &refused(500, None), false),
            (Method::POST, &refused(409, None), false),
            (Method::GET, &refused(404, None), false),
        ] {
            assert_eq!(policy.wait(0, &method, error).is_some(), repeated, "{method} {error}");
        }
        let headers =
            HeaderMap::from_iter([("idempotency-replayed".parse().unwrap(), HeaderValue::from_static("true"))]);
        let replayed = Problem::read(StatusCode::SERVICE_UNAVAILABLE, &headers, b"");
        assert_eq!(policy.wait(0, &Method::POST, &Error::Refused(Box::new(replayed))), None);
    }
}
