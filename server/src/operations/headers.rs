//! Headers that keep browsers careful. A handler that needs another policy has set its own.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// Scripts and styles come from this site alone; WASM may be compiled. Pages that carry inline
/// scripts set a policy of their own with a nonce. Pictures in an issue's text come from
/// anywhere over https.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: https:; \
    object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Adds what is not there.
pub async fn careful(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
