//! A tracing span and metrics for each request. The logged path has no secrets: no query, and no token
//! at its end.

use std::borrow::Cow;

use app::testware::run::public_link::PUBLIC_RUNS_PATH;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;

use crate::crypto::random_bytes;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Of an ID that came with the request.
const MAX_ID_BYTES: usize = 64;

/// Inspector URLs, which answer as configured.
const INSPECTOR_PATH: &str = "/inspect/";

/// Wraps a request. The handlers add the user and the project to its span. Its ID comes from the proxy or is
/// generated here, and is returned in the response.
#[allow(clippy::disallowed_methods, reason = "durations are measured in real time, whatever the clock says")]
pub async fn observe(request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    // An admin may have configured a server error.
    let is_configured = route.starts_with(INSPECTOR_PATH);
    let id = request_id(request.headers()).unwrap_or_else(|| hex::encode(random_bytes::<8>()));
    let path = redact_path(request.uri().path()).into_owned();
    let span = tracing::info_span!("request", method, path, id, user = Empty, project = Empty);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let duration = began.elapsed();
    let status = response.status();
    span.in_scope(|| {
        let ms = duration.as_secs_f64() * 1000.0;
        // The cause of a 503 is logged elsewhere, once.
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE && !is_configured {
            tracing::error!(status = status.as_u16(), ms, "request failed");
        } else {
            tracing::debug!(status = status.as_u16(), ms, "request completed");
        }
    });
    histogram!("testbell_http_request_duration_seconds", "method" => method, "route" => route.clone()).record(duration);
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_str().to_owned())];
    counter!("testbell_http_requests_total", &labels).increment(1);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Unknown methods share one label, so that clients can't create labels.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (plain && (1..=MAX_ID_BYTES).contains(&id.len())).then(|| id.to_owned())
}

/// Hides a token at the end of a path.
fn redact_path(path: &str) -> Cow<'_, str> {
    for prefix in ["/api/webhooks/", INSPECTOR_PATH, "/invites/", "/password-reset/", PUBLIC_RUNS_PATH] {
        if path.starts_with(prefix) {
            return Cow::Owned(format!("{prefix}..."));
        }
    }
    Cow::Borrowed(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_paths_are_redacted() {
        assert_eq!(redact_path("/api/webhooks/whk_secret"), "/api/webhooks/...");
        assert_eq!(redact_path("/inspect/ins_secret/hook"), "/inspect/...");
        assert_eq!(redact_path("/invites/tbi_secret"), "/invites/...");
        assert_eq!(redact_path("/password-reset/tbr_secret"), "/password-reset/...");
        assert_eq!(redact_path("/public/runs/pub_secret"), "/public/runs/...");
        assert_eq!(redact_path("/projects/prj_1"), "/projects/prj_1");
    }

    #[test]
    fn only_a_plain_request_id_is_accepted() {
        let headers = |id: &'static str| HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(id))]);
        assert_eq!(request_id(&headers("a-1_b.2")), Some("a-1_b.2".to_owned()));
        for bad in ["", "a b", "<script>", "0123456789012345678901234567890123456789012345678901234567890123456789"] {
            assert_eq!(request_id(&headers(bad)), None, "{bad}");
        }
    }
}
