//! The response of an inspector URL, as its admins configured it.
//!
//! It comes from Testbell's own origin, so a browser must never run or show it as a page there: the content
//! type is one of a few that are no scripts or styles, `nosniff` forbids to guess another one, the policy
//! puts whatever is shown into a sandbox without scripts, forms and subresources, and `attachment` lets the
//! browser save it. It never sets a cookie.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::entity::inspector_url;

const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_DISPOSITION, "attachment"),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The status of the configured response.
pub fn status(row: &inspector_url::Model) -> StatusCode {
    u16::try_from(row.status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK)
}

/// The configured response.
pub fn configured(row: &inspector_url::Model) -> Response {
    let status = status(row);
    let without_body = matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let body = if without_body { Body::empty() } else { Body::from(row.body.clone()) };
    let mut response = guarded(Response::new(body));
    *response.status_mut() = status;
    if !without_body {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(row.content_type.as_str()));
    }
    response
}

/// Adds the headers that keep browsers safe.
pub fn guarded(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
