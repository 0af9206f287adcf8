//! Generic endpoints get the envelope itself, signed after Standard Webhooks 1.0.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Proof;
use crate::dispatch::signature;

/// Adds the three headers; `None` when one of them can't be written.
pub fn sign(headers: &mut HeaderMap, proof: Proof<'_>, body: &[u8]) -> Option<()> {
    let id = proof.event.to_string();
    let signature = signature::sign(proof.keys, &id, proof.timestamp, body);
    headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::try_from(id).ok()?);
    headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(proof.timestamp));
    headers.insert(HeaderName::from_static("webhook-signature"), HeaderValue::try_from(signature).ok()?);
    Some(())
}

/// An answer that is no success.
pub fn complaint(status: StatusCode) -> String {
    if status.is_redirection() {
        format!("The endpoint answered {status}. Redirects are not followed: enter the final address.")
    } else {
        format!("The endpoint answered {status}.")
    }
}
