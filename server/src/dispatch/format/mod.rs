//! What an endpoint is sent, by its kind: pure functions from an event's envelope to the headers
//! and the body of a request, and from the answer to what is wrong with it.
//!
//! Only the envelope is stored. What an endpoint is sent is made from it at each attempt, and
//! made once more when somebody looks at the delivery: the same input gives the same bytes.

mod generic;
pub mod slack;

use app::model::id::EventId;
use app::model::webhook::WebhookKind;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use super::signature::SigningKey;
use crate::net::Response;

const USER_AGENT: &str = concat!("Testbell/", env!("CARGO_PKG_VERSION"));

/// A request without its address.
#[derive(Clone, Debug)]
pub struct Message {
    /// All headers but host and content-length.
    pub headers: HeaderMap,
    /// The body to the byte.
    pub body: Bytes,
}

/// What proves to a generic endpoint where a message comes from.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// What signs, the newest first; empty for Slack.
    pub keys: &'a [SigningKey],
    /// The `webhook-id`.
    pub event: EventId,
    /// When this attempt is made, in Unix seconds.
    pub timestamp: i64,
}

/// What is sent of an event; `None` when the headers can't be written.
#[must_use]
pub fn message(kind: WebhookKind, proof: Proof<'_>, envelope: Bytes) -> Option<Message> {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    if kind == WebhookKind::Slack {
        return Some(Message { headers, body: slack::message(&envelope).into() });
    }
    generic::sign(&mut headers, proof, &envelope)?;
    Some(Message { headers, body: envelope })
}

/// The body as it is sent, to be shown.
#[must_use]
pub fn body(kind: WebhookKind, envelope: String) -> String {
    if kind == WebhookKind::Slack { slack::message(envelope.as_bytes()) } else { envelope }
}

/// What is wrong with an answer, in words; `None` for a success.
#[must_use]
pub fn complaint(kind: WebhookKind, response: &Response) -> Option<String> {
    let status = response.status;
    if status.is_success() {
        return None;
    }
    if kind == WebhookKind::Slack
        && let Some(words) = slack::complaint(status, &response.body)
    {
        return Some(words);
    }
    Some(generic::complaint(status))
}
