//! One attempt: the request in the endpoint's [format](mod@super::format), and what is kept of the answer.

use std::time::Duration;

use app::model::delivery::Header;
use app::model::id::EventId;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header};

use super::endpoint::Endpoint;
use super::format::{self, Proof};
use super::retry;
use crate::core::Core;
use crate::net::{Limits, Request};

/// What an endpoint is given and allowed: ten seconds in all, and the first 16 KiB of its answer
/// are kept; after 64 KiB the connection is dropped.
pub const LIMITS: Limits = Limits { time: Duration::from_secs(10), read: 64 * 1024, keep: 16 * 1024 };

/// Bytes of the response's headers that are kept.
const HEADERS_KEPT: usize = 16 * 1024;

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took.
    pub duration: Duration,
    /// The status of the response, also of one that was cut off.
    pub status: Option<u16>,
    /// Why it failed, in words; `None` for a success.
    pub error: Option<String>,
    /// What the response asked for.
    pub retry_after: Option<Duration>,
    /// The headers as sent.
    pub request_headers: Vec<Header>,
    /// The headers that came back.
    pub response_headers: Vec<Header>,
    /// The kept part of the body, as text.
    pub response_body: Option<String>,
    /// Whether more came than is kept.
    pub truncated: bool,
}

impl Outcome {
    /// The status that counts: a success that was cut off is none.
    #[must_use]
    pub fn judged_status(&self) -> Option<u16> {
        self.status.filter(|status| self.error.is_none() || !(200..300).contains(status))
    }

    /// The duration as it is stored.
    #[must_use]
    pub fn millis(&self) -> i32 {
        i32::try_from(self.duration.as_millis()).unwrap_or(i32::MAX)
    }
}

/// Sends an event to an endpoint once.
pub async fn send(core: &Core, endpoint: &Endpoint, event: EventId, envelope: Bytes) -> Outcome {
    let started_at = core.clock.now();
    let mut outcome = Outcome {
        started_at,
        duration: Duration::ZERO,
        status: None,
        error: None,
        retry_after: None,
        request_headers: Vec::new(),
        response_headers: Vec::new(),
        response_body: None,
        truncated: false,
    };
    let (url, kind, keys) = match endpoint {
        Endpoint::At { url, kind, keys, .. } => (url.clone(), *kind, keys),
        Endpoint::Gone(why) | Endpoint::Unreadable(why) => {
            outcome.error = Some((*why).to_owned());
            return outcome;
        }
    };
    let proof = Proof { keys, event, timestamp: started_at.timestamp() };
    let Some(format::Message { headers, body }) = format::message(kind, proof, envelope) else {
        outcome.error = Some("The headers could not be written.".to_owned());
        return outcome;
    };
    outcome.request_headers = kept(&headers);
    let answer = core.http.send(Request { method: Method::POST, url, headers, body, limits: LIMITS }).await;
    let now = core.clock.now();
    outcome.duration = (now - started_at).to_std().unwrap_or_default();
    let received = match answer {
        Ok(response) => {
            outcome.error = format::complaint(kind, &response);
            Some(response)
        }
        Err(failed) => {
            outcome.error = Some(failed.reason.to_string());
            failed.received.map(|response| *response)
        }
    };
    if let Some(response) = received {
        outcome.status = Some(response.status.as_u16());
        let asked = response.headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        outcome.retry_after = asked.and_then(|value| retry::retry_after(value, now));
        outcome.response_headers = kept(&response.headers);
        outcome.response_body = Some(text(&response.body));
        outcome.truncated = response.truncated;
    }
    outcome
}

fn kept(headers: &HeaderMap) -> Vec<Header> {
    let mut room = HEADERS_KEPT;
    headers
        .iter()
        .map(|(name, value)| Header { name: name.as_str().to_owned(), value: text(value.as_bytes()) })
        .take_while(|header| {
            let size = header.name.len() + header.value.len();
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        })
        .collect()
}

/// Bytes as text: what is none is replaced, and NUL left out, which PostgreSQL can't keep.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_nul_is_left_out() {
        assert_eq!(text(b"a\0b\xffc"), "ab\u{fffd}c");
    }

    #[test]
    fn headers_are_kept_up_to_a_bound() {
        let mut headers = HeaderMap::new();
        for _ in 0..40 {
            headers.append("x-long", HeaderValue::from_str(&"a".repeat(1000)).unwrap());
        }
        let kept = kept(&headers);
        assert!(kept.len() > 10 && kept.iter().map(|h| h.value.len()).sum::<usize>() <= HEADERS_KEPT);
    }
}
