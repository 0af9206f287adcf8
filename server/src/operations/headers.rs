//! Security headers. A handler may set a policy of its own.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use crate::app_state::AppState;

/// Scripts and styles come from this site only, and WASM may be compiled. Pages with inline scripts set
/// their own policy with a nonce. Images in the text of an issue come from anywhere over https.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: https:; \
    object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
/// Only the clipboard is used, to copy secrets.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), clipboard-write=(self)";
/// One year. Subdomains may be other sites.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Adds the headers that are missing.
pub async fn security_headers(State(state): State<AppState>, mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.config.secure() {
        response.headers_mut().entry(header::STRICT_TRANSPORT_SECURITY).or_insert(TRANSPORT_SECURITY);
    }
    response
}
