//! One attempt: sends the request of the endpoint's destination and keeps a part of the response.

use std::time::Duration;

use app::model::delivery::Header;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method};

use super::endpoint::{Endpoint, ReadyEndpoint};
use crate::app_state::AppState;
use crate::destinations::{AttemptResult, OutboundRequest, REDACTED, SigningContext};
use crate::events::EventMessage;
use crate::net::{FailureKind, Limits, Reason, Request, Response};

/// The limits of an attempt: the timeout of the webhook in all; the first 16 KiB of the response are
/// kept, and after 64 KiB the connection is closed.
fn limits(policy: &DeliveryPolicy) -> Limits {
    Limits { time: policy.timeout(), read: 64 * 1024, keep: 16 * 1024 }
}

/// The number of header bytes that are kept.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The outcome of an attempt.
#[derive(Clone, Debug)]
pub struct AttemptOutcome {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended, on the schedule.
    pub scheduled_end: DateTime<Utc>,
    /// The duration by the monotonic clock.
    pub duration: Duration,
    /// The duration by the time of day.
    pub wall_duration: Duration,
    /// The result.
    pub result: AttemptResult,
    /// Why there is no complete response.
    pub failure: Option<Reason>,
    /// The status of the response, even if it was cut off.
    pub status: Option<u16>,
    /// Where it was sent, without credentials; `None` if nothing was sent.
    pub destination: Option<String>,
    /// The request headers.
    pub request_headers: Vec<Header>,
    /// The request body, if it is not the envelope.
    pub request_body: Option<String>,
    /// The response headers.
    pub response_headers: Vec<Header>,
    /// The first part of the response body, as text.
    pub response_body: Option<String>,
    /// Whether the response body was longer.
    pub truncated: bool,
}

impl AttemptOutcome {
    /// An attempt that could not be sent.
    fn not_sent(state: &AppState, why: &str) -> Self {
        Self {
            started_at: state.clock.now(),
            scheduled_end: state.clock.schedule_now(),
            duration: Duration::ZERO,
            wall_duration: Duration::ZERO,
            result: AttemptResult::failed(why),
            failure: None,
            status: None,
            destination: None,
            request_headers: Vec::new(),
            request_body: None,
            response_headers: Vec::new(),
            response_body: None,
            truncated: false,
        }
    }

    /// Why it failed; `None` for a success.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.result.explanation()
    }

    /// Whether it failed because the outbound proxy does not work, which says nothing about the endpoint.
    #[must_use]
    pub fn blames_proxy(&self) -> bool {
        self.failure.as_ref().is_some_and(|reason| reason.kind() == FailureKind::Proxy)
    }

    /// When it ended.
    #[must_use]
    pub fn ended_at(&self) -> DateTime<Utc> {
        self.started_at + TimeDelta::milliseconds(i64::from(self.millis()))
    }

    /// When it began, on the schedule at its end, because the time of day may have been set
    /// meanwhile.
    #[must_use]
    pub fn scheduled_start(&self) -> DateTime<Utc> {
        self.scheduled_end - TimeDelta::milliseconds(i64::from(self.millis()))
    }

    /// The duration in milliseconds, as it is stored.
    #[must_use]
    pub fn millis(&self) -> i32 {
        i32::try_from(self.duration.as_millis()).unwrap_or(i32::MAX)
    }

    fn keep(&mut self, response: &Response) {
        self.status = Some(response.status.as_u16());
        self.response_headers = kept(&response.headers);
        self.response_body = Some(response.text());
        self.truncated = response.truncated && response.compression().is_none();
    }
}

/// Sends an event to an endpoint once.
pub async fn send(
    state: &AppState,
    endpoint: &Endpoint,
    delivery: DeliveryId,
    (event, message): (EventId, &EventMessage),
) -> AttemptOutcome {
    let ready = match endpoint {
        Endpoint::Ready(ready) => ready,
        Endpoint::Deleted(why) | Endpoint::Undecryptable(why) => return AttemptOutcome::not_sent(state, why),
    };
    let ReadyEndpoint { destination, signer, policy, .. } = &**ready;
    let settings = match ready.settings_for(message) {
        Ok(settings) => settings,
        Err(error) => {
            let explanation = format!("Nothing was sent: the body template can't be rendered. {error}");
            return AttemptOutcome {
                result: AttemptResult::Unsendable { explanation },
                ..AttemptOutcome::not_sent(state, "")
            };
        }
    };
    let (started_at, began) = (state.clock.now(), state.clock.instant());
    let signing = SigningContext { signer, event, delivery, timestamp: started_at.timestamp() };
    let Some(OutboundRequest { url, mut headers, body }) = destination.render(message, &settings, &signing) else {
        return AttemptOutcome::not_sent(state, "The headers could not be written.");
    };
    // None of them has the name of a header that the destination sets.
    headers.extend(ready.custom_headers.clone());
    let (request_headers, request_body) = (kept(&headers), (body != *message.envelope()).then(|| text(&body)));
    let (limits, allow_insecure) = (limits(policy), ready.allow_insecure);
    let request = Request { method: Method::POST, url, headers, body, limits, allow_insecure };
    let answer = state.http.send(request).await;
    let now = state.clock.now();
    let mut outcome = AttemptOutcome {
        started_at,
        duration: state.clock.instant() - began,
        wall_duration: (now - started_at).to_std().unwrap_or_default(),
        destination: Some(ready.display_url.clone()),
        request_headers,
        request_body,
        ..AttemptOutcome::not_sent(state, "")
    };
    let result = match answer {
        Ok(response) => {
            outcome.keep(&response);
            destination.classify(&response, now)
        }
        Err(failed) => {
            let explanation = failed.reason.to_string();
            outcome.failure = Some(failed.reason);
            match failed.received {
                // A success that was cut off is a failure.
                Some(response) => {
                    outcome.keep(&response);
                    destination.classify(&response, now).with_explanation(explanation)
                }
                None => AttemptResult::Failed { explanation },
            }
        }
    };
    outcome.result = result.with_max_delay(destination.limits().max_pause);
    outcome
}

fn kept(headers: &HeaderMap) -> Vec<Header> {
    let mut room = MAX_HEADER_BYTES;
    headers
        .iter()
        .map(|(name, value)| Header { name: name.as_str().to_owned(), value: header_text(value) })
        .take_while(|header| {
            let size = header.name.len() + header.value.len();
            let fits = size <= room;
            room = room.saturating_sub(size);
            fits
        })
        .collect()
}

/// The value of a header. Credentials are hidden.
fn header_text(value: &HeaderValue) -> String {
    if value.is_sensitive() { REDACTED.to_owned() } else { text(value.as_bytes()) }
}

/// Bytes as text. Invalid bytes are replaced and NUL is omitted, which PostgreSQL can't store.
fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if text.contains('\0') { text.replace('\0', "") } else { text.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_are_replaced_and_nul_is_omitted() {
        assert_eq!(text(b"a\0b\xffc"), "ab\u{fffd}c");
    }

    #[test]
    fn headers_are_kept_up_to_a_bound() {
        let mut headers = HeaderMap::new();
        for _ in 0..40 {
            headers.append("x-long", HeaderValue::from_str(&"a".repeat(1000)).unwrap());
        }
        let kept = kept(&headers);
        assert!(kept.len() > 10 && kept.iter().map(|h| h.value.len()).sum::<usize>() <= MAX_HEADER_BYTES);
    }
}
