//! Reading over GitHub's REST API, with what it asks of its clients: a user agent, the version
//! of the API, and patience when its limits are reached
//! (<https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use url::Url;

use super::{GithubIssue, Reading, address};
use crate::clock::Clock;
use crate::net::{Http, Limits, Request, Response};
use crate::tracker::{Read, Unread, pace};

const LIMITS: Limits = Limits { time: Duration::from_secs(10), read: 1024 * 1024, keep: 1024 * 1024 };
/// How often a redirection is followed: once for a renamed repository, once for a moved issue.
const HOPS: usize = 2;

/// See the [module](self).
pub struct Client {
    http: Http,
    clock: Clock,
    api: Url,
    headers: HeaderMap,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
    #[serde(default)]
    has_issues: Option<bool>,
}

impl Client {
    /// A client for the GitHub whose pages are at `base_url`.
    ///
    /// # Errors
    /// [`Unread::Gone`] when the address or the token is of no use.
    pub fn new(http: Http, clock: Clock, base_url: &str, token: Option<&str>) -> Result<Self, Unread> {
        let base: Url = base_url
            .parse()
            .map_err(|_| Unread::Gone("The address of the integration is not valid: enter it again.".to_owned()))?;
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
        let agent = concat!("Testbell/", env!("CARGO_PKG_VERSION"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
        if let Some(token) = token {
            let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                Unread::Gone("The token has characters that no token of GitHub has: enter it again.".to_owned())
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        Ok(Self { http, clock, api: address::api(&base), headers })
    }

    /// Reads the issue with the key `owner/name#number`.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn issue(&self, key: &str) -> Result<Read, Unread> {
        let Some((owner, name, number)) = address::split_key(key) else {
            return Err(Unread::Gone(format!("{key} is not the key of an issue on GitHub.")));
        };
        let url = address::extend(&self.api, &["repos", owner, name, "issues", &number.to_string()]);
        let response = self.get(url, key).await?;
        let paused_until =
            pace::exhausted(&response.headers).then(|| pace::wait_until(&response.headers, self.clock.now()));
        let strange = || Unread::Failed("GitHub's answer is not an issue as JSON.".to_owned());
        let issue: GithubIssue = serde_json::from_slice(&response.body).map_err(|_| strange())?;
        match issue.read(None) {
            Reading::Issue(issue) => Ok(Read { issue: *issue, paused_until }),
            Reading::PullRequest => Err(Unread::Gone("GitHub says that this is a pull request.".to_owned())),
            Reading::Unusable(_) => Err(strange()),
        }
    }

    /// Tries to read the repository `owner/name`; gives a sentence with what was found.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn repository(&self, repository: &str) -> Result<String, Unread> {
        let Some((owner, name)) = repository.split_once('/').filter(|_| address::is_repository(repository)) else {
            return Err(Unread::Gone("Enter the repository as owner/name.".to_owned()));
        };
        let response = self.get(address::extend(&self.api, &["repos", owner, name]), repository).await?;
        let found: Repository = serde_json::from_slice(&response.body).map_err(|_| {
            Unread::Failed("What answered there does not look like GitHub. Check the address.".to_owned())
        })?;
        if found.has_issues == Some(false) {
            return Err(Unread::Gone(format!("Issues are switched off in {} on GitHub.", found.full_name)));
        }
        if !found.full_name.eq_ignore_ascii_case(repository) {
            return Ok(format!("{repository} is now called {} on GitHub, and can be read.", found.full_name));
        }
        Ok(format!("{} can be read.", found.full_name))
    }

    /// A successful response. A redirection is followed within the same API only: the token must
    /// not go anywhere else.
    async fn get(&self, mut url: Url, what: &str) -> Result<Response, Unread> {
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
            let target = response.headers.get(header::LOCATION).and_then(|to| url.join(to.to_str().ok()?).ok());
            url = target.filter(|to| self.within(to)).ok_or_else(|| {
                Unread::Failed(format!("GitHub says that {what} has moved to where Testbell can't follow."))
            })?;
        }
        Err(Unread::Failed(format!("GitHub says again and again that {what} has moved.")))
    }

    fn within(&self, url: &Url) -> bool {
        let here = url.path().starts_with(self.api.path());
        here && url.origin() == self.api.origin() && url.username().is_empty() && url.password().is_none()
    }

    fn judge(&self, response: Response, what: &str) -> Result<Response, Unread> {
        let now = self.clock.now();
        let (status, headers) = (response.status, &response.headers);
        match status {
            StatusCode::OK if response.truncated => {
                Err(Unread::Failed(format!("GitHub's answer for {what} is larger than 1 MiB.")))
            }
            StatusCode::OK => Ok(response),
            StatusCode::UNAUTHORIZED => Err(Unread::Refused(
                "GitHub does not accept the token (401): it has expired, was revoked or is mistyped. Enter a new one."
                    .to_owned(),
            )),
            StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS if is_limit(status, headers) => {
                let until = pace::wait_until(headers, now);
                Err(Unread::Limited { until, sentence: limited(until) })
            }
            StatusCode::FORBIDDEN => Err(Unread::Failed(format!(
                "The token may not read {what} (403). Give it read access to Issues of the repository, and where the \
                 organisation uses single sign-on, authorise it there."
            ))),
            StatusCode::NOT_FOUND => Err(Unread::Gone(format!(
                "GitHub shows no {what} (404): it is gone, or the token has no access to its repository."
            ))),
            StatusCode::GONE => Err(Unread::Gone(format!("{what} was deleted on GitHub (410)."))),
            status => Err(Unread::Failed(format!("GitHub answered with {status} for {what}."))),
        }
    }
}

/// Whether a refusal is about how often, and not about what.
fn is_limit(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || headers.contains_key(header::RETRY_AFTER) || pace::exhausted(headers)
}

fn limited(until: DateTime<Utc>) -> String {
    format!("GitHub's rate limit is reached. Reading goes on at {} UTC.", until.format("%H:%M:%S"))
}
