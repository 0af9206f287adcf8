//! A span and figures for each request. What the log shows of an address holds no secret: no
//! query, and of paths that end in a token only their beginning.

use std::borrow::Cow;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{counter, histogram};
use tokio::time::Instant;
use tracing::Instrument;

use crate::crypto::fill;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The most bytes of an id that came with the request.
const ID_MAX: usize = 64;

/// Wraps a request. Its id comes from the proxy in front, or is made here, and goes back with
/// the answer.
#[allow(clippy::disallowed_methods, reason = "durations are measured in real time, whatever the clock says")]
pub async fn observe(request: Request, next: Next) -> Response {
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let id = given_id(request.headers()).unwrap_or_else(|| hex::encode(fill::<8>()));
    let path = shown_path(request.uri().path()).into_owned();
    let span = tracing::info_span!("request", method, path, id);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    let status = response.status();
    span.in_scope(|| {
        let ms = took.as_secs_f64() * 1000.0;
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), ms, "failed");
        } else {
            tracing::debug!(status = status.as_u16(), ms, "answered");
        }
    });
    histogram!("testbell_http_request_seconds", "method" => method, "route" => route.clone()).record(took);
    let labels = [("method", method.to_owned()), ("route", route), ("status", status.as_str().to_owned())];
    counter!("testbell_http_requests_total", &labels).increment(1);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// A method as a label; whatever else somebody makes up is one label.
fn known(method: &Method) -> &'static str {
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

fn given_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (plain && (1..=ID_MAX).contains(&id.len())).then(|| id.to_owned())
}

/// A path with the token at its end covered.
fn shown_path(path: &str) -> Cow<'_, str> {
    for prefix in ["/api/webhooks/", "/invites/"] {
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
    fn tokens_in_paths_are_covered() {
        assert_eq!(shown_path("/api/webhooks/whk_secret"), "/api/webhooks/...");
        assert_eq!(shown_path("/invites/tbi_secret"), "/invites/...");
        assert_eq!(shown_path("/projects/prj_1"), "/projects/prj_1");
    }

    #[test]
    fn an_id_of_a_proxy_is_taken_only_if_it_is_plain() {
        let headers = |id: &'static str| HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(id))]);
        assert_eq!(given_id(&headers("a-1_b.2")), Some("a-1_b.2".to_owned()));
        for bad in ["", "a b", "<script>", "0123456789012345678901234567890123456789012345678901234567890123456789"] {
            assert_eq!(given_id(&headers(bad)), None, "{bad}");
        }
    }
}
