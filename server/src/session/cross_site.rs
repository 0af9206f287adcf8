//! Refuses cross-site requests that change something. The browser says where a request comes from,
//! in `Sec-Fetch-Site` or, without it, in `Origin`; scripts can set neither. The cookie's
//! SameSite=Lax is a second protection. Sign-in is covered too, although it has no cookie yet: no
//! site can sign a user in to another account.
//!
//! Requests with an API token don't come from a browser. The URLs of inbound webhooks are outside
//! of this layer.

use app::error::Error;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::app_state::AppState;
use crate::web::{Problem, bearer_token};

/// Refuses requests that change something and come from another site.
pub async fn refuse(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if changes(request.method()) && is_cross_site(request.headers(), &state.config.public_url) {
        let detail = "This request comes from another site. Open Testbell itself and try again; \
            scripts use an API token.";
        return Problem(Error::forbidden(detail)).into_response();
    }
    next.run(request).await
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_cross_site(headers: &HeaderMap, public: &Url) -> bool {
    if bearer_token(headers.get(AUTHORIZATION)).is_some() {
        return false;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text("sec-fetch-site"), text(ORIGIN.as_str())) {
        // `none`: the user typed the URL.
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => !is_own(origin, text(HOST.as_str()), public),
        // Not a browser: browsers send one of the two with every request that changes something.
        (None, None) => false,
    }
}

/// Whether an origin is this instance, by its public URL or by the host of the request.
fn is_own(origin: &str, host: Option<&str>, public: &Url) -> bool {
    let Ok(origin) = Url::parse(origin) else { return false };
    if origin.origin() == public.origin() {
        return true;
    }
    let called_by = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    matches!(origin.scheme(), "http" | "https") && called_by.is_some_and(|url| url.origin() == origin.origin())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn cross_site(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect();
        is_cross_site(&headers, &"https://bell.example.com".parse().unwrap())
    }

    #[test]
    fn sec_fetch_site_decides_before_the_origin() {
        assert!(!cross_site(&[("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere.example")]));
        assert!(!cross_site(&[("sec-fetch-site", "none")]));
        assert!(cross_site(&[("sec-fetch-site", "cross-site"), ("origin", "https://bell.example.com")]));
        assert!(cross_site(&[("sec-fetch-site", "same-site")]));
        assert!(cross_site(&[("sec-fetch-site", "?")]));
    }

    #[test]
    fn an_origin_must_be_the_public_or_the_called_host() {
        assert!(!cross_site(&[("origin", "https://bell.example.com")]));
        assert!(!cross_site(&[("origin", "https://bell.example.com:443"), ("host", "10.0.0.1:3000")]));
        assert!(!cross_site(&[("origin", "http://10.0.0.1:3000"), ("host", "10.0.0.1:3000")]));
        assert!(cross_site(&[("origin", "http://10.0.0.1:3001"), ("host", "10.0.0.1:3000")]));
        assert!(cross_site(&[("origin", "https://bell.example.com.elsewhere.example"), ("host", "x")]));
        assert!(cross_site(&[("origin", "null"), ("host", "null")]));
        assert!(cross_site(&[("origin", "file://x"), ("host", "x")]));
    }

    #[test]
    fn requests_with_tokens_or_without_browsers_pass() {
        assert!(!cross_site(&[]));
        assert!(!cross_site(&[("authorization", "Bearer tb_x"), ("origin", "https://elsewhere.example")]));
        assert!(cross_site(&[("authorization", "Basic x"), ("origin", "https://elsewhere.example")]));
    }
}
