//! A GET that is answered with JSON, as all trackers' REST APIs do, and what their other answers
//! mean for who reads issues. What a sentence says about a tracker is its [`Words`].

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

use super::{Unread, pace, surrogates};
use crate::clock::Clock;
use crate::net::{Http, Limits, Request, Response};

const LIMITS: Limits = Limits { time: Duration::from_secs(10), read: 1024 * 1024, keep: 1024 * 1024 };
/// How often a redirection is followed: once for a renamed project, once for a moved issue.
const HOPS: usize = 2;

/// How a tracker is spoken of.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Its name.
    pub name: &'static str,
    /// What an issue belongs to there.
    pub container: &'static str,
    /// What to do when the token may not read an issue.
    pub forbidden: &'static str,
    /// Whether it answers a token that it does not know with its page to sign in.
    pub shows_sign_in: bool,
}

/// The client of one API.
pub struct Rest {
    http: Http,
    clock: Clock,
    root: Url,
    headers: HeaderMap,
    words: Words,
}

impl Rest {
    /// A client for what is below `root`. `authorization` is the whole value of that header.
    ///
    /// # Errors
    /// [`Unread::Gone`] when that is no header.
    pub fn new(
        http: Http,
        clock: Clock,
        root: Url,
        words: Words,
        authorization: Option<String>,
    ) -> Result<Self, Unread> {
        let agent = concat!("Testbell/", env!("CARGO_PKG_VERSION"));
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        if let Some(authorization) = authorization {
            let mut value = HeaderValue::from_str(&authorization).map_err(|_| {
                let name = words.name;
                Unread::Gone(format!("The token has characters that no token of {name} has: enter it again."))
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(Self { http, clock, root, headers, words })
    }

    /// Sends one more header, or another value of one.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// An address below the root.
    #[must_use]
    pub fn at(&self, segments: &[&str]) -> Url {
        extend(&self.root, segments)
    }

    /// Until when the answer asks to leave the tracker alone.
    #[must_use]
    pub fn paused_until(&self, response: &Response) -> Option<DateTime<Utc>> {
        pace::pause(&response.headers, self.clock.now())
    }

    /// A successful response about `what`. A redirection is followed below the root only: the
    /// token must not go anywhere else.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn get(&self, mut url: Url, what: &str) -> Result<Response, Unread> {
        let name = self.words.name;
        for _ in 0..=HOPS {
            let request = Request {
                method: Method::GET,
                url: url.clone(),
                headers: self.headers.clone(),
                body: Bytes::new(),
                limits: LIMITS,
            };
            let response = self.http.send(request).await.map_err(|failed| Unread::Failed(failed.to_string()))?;
            if !response.status.is_redirection() {
                return self.judge(response, what);
            }
            if self.words.shows_sign_in && matches!(response.status.as_u16(), 302 | 303) {
                return Err(self.asks_to_sign_in());
            }
            let target = response.headers.get(header::LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
            url = target.filter(|to| self.within(to)).ok_or_else(|| {
                Unread::Failed(format!("{name} says that {what} has moved to where Testbell can't follow."))
            })?;
        }
        Err(Unread::Failed(format!("{name} says again and again that {what} has moved.")))
    }

    fn within(&self, url: &Url) -> bool {
        let here = url.path().starts_with(self.root.path());
        here && url.origin() == self.root.origin() && url.username().is_empty() && url.password().is_none()
    }

    fn judge(&self, response: Response, what: &str) -> Result<Response, Unread> {
        let Words { name, container, forbidden, shows_sign_in } = self.words;
        let (status, headers) = (response.status, &response.headers);
        match status {
            StatusCode::NON_AUTHORITATIVE_INFORMATION if shows_sign_in => Err(self.asks_to_sign_in()),
            StatusCode::OK if is_page(headers) && shows_sign_in => Err(self.asks_to_sign_in()),
            StatusCode::OK if is_page(headers) => Err(Unread::Failed(format!(
                "What answered for {what} is a page and not JSON: check that the address is that of {name} itself."
            ))),
            StatusCode::OK if response.truncated => {
                Err(Unread::Failed(format!("{name}'s answer for {what} is larger than 1 MiB.")))
            }
            StatusCode::OK => Ok(mended(response)),
            StatusCode::UNAUTHORIZED => Err(Unread::Refused(format!(
                "{name} does not accept the token (401): it has expired, was revoked or is mistyped. Enter a new one."
            ))),
            status if is_limit(status, headers) => {
                let until = pace::wait_until(headers, self.clock.now());
                let time = until.format("%H:%M:%S");
                let sentence = format!("{name}'s rate limit is reached. Reading goes on at {time} UTC.");
                Err(Unread::Limited { until, sentence })
            }
            StatusCode::FORBIDDEN => Err(Unread::Failed(format!("The token may not read {what} (403). {forbidden}"))),
            StatusCode::NOT_FOUND => Err(Unread::Gone(format!(
                "{name} shows no {what} (404): it is gone, or the token has no access to its {container}."
            ))),
            StatusCode::GONE => Err(Unread::Gone(format!("{what} was deleted on {name} (410)."))),
            status => Err(Unread::Failed(format!("{name} answered with {status} for {what}."))),
        }
    }

    fn asks_to_sign_in(&self) -> Unread {
        let name = self.words.name;
        Unread::Refused(format!(
            "{name} asks to sign in instead of answering: the token has expired, was revoked or is mistyped. Enter a \
             new one."
        ))
    }
}

/// `base` with more path segments; dots are left out, and each is encoded.
#[must_use]
pub fn extend(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// The address that an integration is set up with.
///
/// # Errors
/// [`Unread::Gone`] when it is none.
pub fn base(address: &str) -> Result<Url, Unread> {
    address.parse().map_err(|_| Unread::Gone("The address of the integration is not valid: enter it again.".to_owned()))
}

/// Whether a refusal is about how often, and not about what.
fn is_limit(status: StatusCode, headers: &HeaderMap) -> bool {
    let told = headers.contains_key(header::RETRY_AFTER);
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::FORBIDDEN => told || pace::exhausted(headers),
        StatusCode::SERVICE_UNAVAILABLE => told,
        _ => false,
    }
}

fn mended(response: Response) -> Response {
    match surrogates::mended(&response.body) {
        Cow::Borrowed(_) => response,
        Cow::Owned(body) => Response { body, ..response },
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().contains("html"))
}
