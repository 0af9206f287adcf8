//! The client that all trackers share: a request that returns JSON, and what any other response
//! means for the integration. How its sentences name a tracker's parts is in [`TrackerTerms`].

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use tokio::time::Instant;
use url::Url;

use super::{FetchError, rate_limit, surrogates};
use crate::clock::Clock;
use crate::dispatch::local_trouble::local_trouble;
use crate::net::{Http, Limits, Reason, Request, Response};

const LIMITS: Limits = Limits { time: Duration::from_secs(10), read: 1024 * 1024, keep: 1024 * 1024 };
/// One for a renamed project, one for a moved issue.
const MAX_REDIRECTS: usize = 2;

/// How error messages name a tracker and its parts.
#[derive(Clone, Copy, Debug)]
pub struct TrackerTerms {
    /// The tracker.
    pub name: &'static str,
    /// What issues belong to there.
    pub container: &'static str,
    /// What to do if the token may not read an issue.
    pub forbidden: &'static str,
    /// Whether it responds to an invalid token with its sign-in page.
    pub shows_sign_in: bool,
}

/// A client for one API.
pub struct RestClient {
    http: Http,
    clock: Clock,
    root: Url,
    headers: HeaderMap,
    terms: TrackerTerms,
}

impl RestClient {
    /// A client for the URLs below `root`. `authorization` is the complete header.
    ///
    /// # Errors
    /// [`FetchError::Gone`] if it is not a valid header value.
    pub fn new(
        http: Http,
        clock: Clock,
        root: Url,
        terms: TrackerTerms,
        authorization: Option<(HeaderName, String)>,
    ) -> Result<Self, FetchError> {
        let agent = concat!("Testbell/", env!("CARGO_PKG_VERSION"));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        if let Some((header, authorization)) = authorization {
            let mut value = HeaderValue::from_str(&authorization).map_err(|_| {
                let name = terms.name;
                FetchError::Gone(format!(
                    "The token contains characters that are not valid in a {name} token. Enter it again."
                ))
            })?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        Ok(Self { http, clock, root, headers, terms })
    }

    /// Sets a header of every request.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// What the tracker is called in messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.terms.name
    }

    /// A URL below the root.
    #[must_use]
    pub fn url(&self, segments: &[&str]) -> Url {
        extend(&self.root, segments)
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// See [`Clock::scheduled`].
    #[must_use]
    pub fn scheduled(&self, until: DateTime<Utc>) -> DateTime<Utc> {
        self.clock.scheduled(until)
    }

    /// Until when the response asks for no more requests.
    #[must_use]
    pub fn paused_until(&self, response: &Response) -> Option<DateTime<Utc>> {
        rate_limit::pause(&response.headers, self.now()).map(|until| self.scheduled(until))
    }

    /// A successful response about `what`. Redirects are followed only below the root, so that the
    /// token is never sent anywhere else.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn get(&self, mut url: Url, what: &str) -> Result<Response, FetchError> {
        let name = self.terms.name;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(Method::GET, url.clone(), self.headers.clone(), Bytes::new()).await?;
            if !response.status.is_redirection() {
                return self.check_response(response, what);
            }
            if self.terms.shows_sign_in && matches!(response.status.as_u16(), 302 | 303) {
                return Err(self.sign_in_required());
            }
            let target = response.headers.get(header::LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
            url = target.filter(|to| self.is_below_root(to)).ok_or_else(|| {
                FetchError::Failed(format!("{name} redirects {what} to a URL that Testbell can't follow."))
            })?;
        }
        Err(FetchError::Failed(format!("{name} redirects {what} too many times.")))
    }

    /// The response to a GraphQL query about `what`: a 200, or a 400 whose body explains it. Redirects are not
    /// followed.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn post(&self, url: Url, json: Bytes, what: &str) -> Result<Response, FetchError> {
        let mut headers = self.headers.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let response = self.send(Method::POST, url, headers, json).await?;
        if response.status == StatusCode::BAD_REQUEST && !response.truncated {
            return Ok(response);
        }
        self.check_response(response, what)
    }

    async fn send(&self, method: Method, url: Url, headers: HeaderMap, body: Bytes) -> Result<Response, FetchError> {
        let request = Request { method, url, headers, body, limits: LIMITS, allow_insecure: false };
        let began = (self.clock.instant(), self.clock.now());
        self.http.send(request).await.map_err(|failed| self.transport_error(&failed.reason, began))
    }

    /// Why a request without a response failed.
    fn transport_error(&self, reason: &Reason, (began, wall_began): (Instant, DateTime<Utc>)) -> FetchError {
        let elapsed = self.clock.instant() - began;
        let wall_elapsed = (self.clock.now() - wall_began).to_std().unwrap_or_default();
        let trouble = local_trouble(reason, LIMITS.time, elapsed, wall_elapsed, || false);
        trouble.map_or_else(|| FetchError::Failed(reason.to_string()), FetchError::Local)
    }

    fn is_below_root(&self, url: &Url) -> bool {
        let here = url.path().starts_with(self.root.path());
        here && url.origin() == self.root.origin() && url.username().is_empty() && url.password().is_none()
    }

    fn check_response(&self, response: Response, what: &str) -> Result<Response, FetchError> {
        let TrackerTerms { name, container, forbidden, shows_sign_in } = self.terms;
        let (status, headers) = (response.status, &response.headers);
        match status {
            StatusCode::NON_AUTHORITATIVE_INFORMATION if shows_sign_in => Err(self.sign_in_required()),
            StatusCode::OK if is_html(headers) && shows_sign_in => Err(self.sign_in_required()),
            StatusCode::OK if is_html(headers) => Err(FetchError::Failed(format!(
                "The response for {what} is a web page, not JSON. Check that the URL is that of {name} itself."
            ))),
            StatusCode::OK if response.truncated => {
                Err(FetchError::Failed(format!("{name}'s response for {what} is larger than 1 MiB.")))
            }
            StatusCode::OK => Ok(without_lone_surrogates(response)),
            StatusCode::UNAUTHORIZED => Err(FetchError::Unauthorized(format!(
                "{name} rejected the token (401). It may be expired, revoked or mistyped. Enter a new one."
            ))),
            status if is_rate_limit(status, headers) => {
                Err(self.rate_limited(rate_limit::wait_until(headers, self.clock.now())))
            }
            StatusCode::FORBIDDEN => {
                Err(FetchError::Failed(format!("The token has no permission to read {what} (403). {forbidden}")))
            }
            StatusCode::NOT_FOUND => Err(FetchError::Gone(format!(
                "{name} has no {what} (404). It was deleted, or the token has no access to its {container}."
            ))),
            StatusCode::GONE => Err(FetchError::Gone(format!("{what} was deleted on {name} (410)."))),
            status => Err(FetchError::Failed(format!("{name} responded with {status} for {what}."))),
        }
    }

    /// The failure of a request that the tracker's rate limit refused.
    #[must_use]
    pub fn rate_limited(&self, until: DateTime<Utc>) -> FetchError {
        let (name, time) = (self.terms.name, until.format("%H:%M:%S"));
        let sentence = format!("{name}'s rate limit was reached. Sync resumes at {time} UTC.");
        FetchError::RateLimited { until: self.scheduled(until), sentence }
    }

    fn sign_in_required(&self) -> FetchError {
        let name = self.terms.name;
        FetchError::Unauthorized(format!(
            "{name} responded with its sign-in page. The token may be expired, revoked or mistyped. Enter a new one."
        ))
    }
}

/// `base` with more path segments, each encoded; `.` and `..` are dropped.
#[must_use]
pub fn extend(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The base URL of an integration.
///
/// # Errors
/// [`FetchError::Gone`] if it is not a valid URL.
pub fn base(address: &str) -> Result<Url, FetchError> {
    address.parse().map_err(|_| FetchError::Gone("The integration's URL is invalid. Enter it again.".to_owned()))
}

/// Whether the request was rejected for its rate and not for its content.
fn is_rate_limit(status: StatusCode, headers: &HeaderMap) -> bool {
    let has_retry_after = headers.contains_key(header::RETRY_AFTER);
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::FORBIDDEN => has_retry_after || rate_limit::exhausted(headers),
        StatusCode::SERVICE_UNAVAILABLE => has_retry_after,
        _ => false,
    }
}

fn without_lone_surrogates(response: Response) -> Response {
    match surrogates::replace_lone_surrogates(&response.body) {
        Cow::Borrowed(_) => response,
        Cow::Owned(body) => Response { body, ..response },
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().contains("html"))
}
