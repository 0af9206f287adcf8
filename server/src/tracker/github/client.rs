//! Reading over GitHub's REST API, with what it asks of its clients: a user agent, the version
//! of the API, and patience when its limits are reached
//! (<https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).

use axum::http::{HeaderName, header};
use serde::Deserialize;

use super::{GithubIssue, Reading, address};
use crate::clock::Clock;
use crate::net::Http;
use crate::tracker::rest::{self, Rest, Words};
use crate::tracker::{Read, Unread};

const WORDS: Words = Words {
    name: "GitHub",
    container: "repository",
    forbidden: "Give it read access to Issues of the repository, and where the organisation uses single sign-on, \
                authorise it there.",
    shows_sign_in: false,
};

/// See the [module](self).
pub struct Client(Rest);

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
        let root = address::api(&rest::base(base_url)?);
        let rest = Rest::new(http, clock, root, WORDS, token.map(|token| format!("Bearer {token}")))?
            .with(header::ACCEPT, "application/vnd.github+json")
            .with(HeaderName::from_static("x-github-api-version"), "2022-11-28");
        Ok(Self(rest))
    }

    /// Reads the issue with the key `owner/name#number`.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn issue(&self, key: &str) -> Result<Read, Unread> {
        let Some((owner, name, number)) = address::split_key(key) else {
            return Err(Unread::Gone(format!("{key} is not the key of an issue on GitHub.")));
        };
        let url = self.0.at(&["repos", owner, name, "issues", &number.to_string()]);
        let response = self.0.get(url, key).await?;
        let paused_until = self.0.paused_until(&response);
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
        let response = self.0.get(self.0.at(&["repos", owner, name]), repository).await?;
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
}
