//! GitHub's REST API, as its best practices ask: a user agent, the API version, and waiting when a
//! rate limit is reached
//! (<https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api>).

use async_trait::async_trait;
use axum::http::{HeaderName, header};
use serde::Deserialize;

use super::issue::{GithubIssue, ParsedIssue};
use super::settings;
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite};

const TERMS: TrackerTerms = TrackerTerms {
    name: "GitHub",
    container: "repository",
    forbidden: "Give it read access to the repository's issues. If the organization uses single sign-on, authorize the \
                token there.",
    shows_sign_in: false,
};

/// The client, also of servers whose API is like GitHub's.
pub struct GithubClient<'a> {
    rest: RestClient,
    site: TrackerSite<'a>,
    dialect: Dialect,
}

/// How the API of a server differs from GitHub's.
pub struct Dialect {
    /// Parses an issue of the repository that was asked for; `None` if the response is not an object.
    pub parse: fn(&[u8], repository: &str, &TrackerSite<'_>) -> Option<ParsedIssue>,
    /// Whether another id in a response means that the issue was transferred.
    pub has_transfers: bool,
}

const GITHUB: Dialect = Dialect {
    parse: |body, _repository, _site| serde_json::from_slice::<GithubIssue>(body).ok().map(|issue| issue.parse(None)),
    has_transfers: true,
};

#[derive(Deserialize)]
struct RepositoryResponse {
    full_name: String,
    #[serde(default)]
    has_issues: Option<bool>,
}

impl<'a> GithubClient<'a> {
    /// # Errors
    /// [`FetchError::Gone`] if the URL or the token can't be used.
    pub fn new(connection: TrackerConnection<'a>) -> Result<Self, FetchError> {
        let TrackerConnection { http, clock, site, credentials } = connection;
        let root = settings::api(&rest_client::base(site.base_url)?);
        let authorization =
            credentials.map(|credentials| (header::AUTHORIZATION, format!("Bearer {}", credentials.token)));
        let rest = RestClient::new(http, clock, root, TERMS, authorization)?
            .with(header::ACCEPT, "application/vnd.github+json")
            .with(HeaderName::from_static("x-github-api-version"), "2022-11-28");
        Ok(Self::with_dialect(rest, site, GITHUB))
    }

    /// A client for a server like GitHub.
    #[must_use]
    pub const fn with_dialect(rest: RestClient, site: TrackerSite<'a>, dialect: Dialect) -> Self {
        Self { rest, site, dialect }
    }
}

#[async_trait]
impl IssueClient for GithubClient<'_> {
    /// By its key: GitHub's API finds no issue by its id.
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError> {
        let Some((owner, name, number)) = settings::split_key(key) else {
            return Err(FetchError::Gone(format!("{key} is not the key of a {} issue.", self.rest.name())));
        };
        let url = self.rest.url(&["repos", owner, name, "issues", &number.to_string()]);
        let response = self.rest.get(url, key).await?;
        let paused_until = self.rest.paused_until(&response);
        match (self.dialect.parse)(&response.body, &format!("{owner}/{name}"), &self.site) {
            Some(ParsedIssue::Issue(issue)) if self.dialect.has_transfers || issue.external_id == external_id => {
                Ok(FetchedIssue { issue: *issue, paused_until })
            }
            Some(ParsedIssue::PullRequest) => Err(FetchError::Gone(format!("{key} is a pull request."))),
            _ => Err(FetchError::Failed(format!("{}'s response is not the issue as JSON.", self.rest.name()))),
        }
    }

    async fn test_connection(&self) -> Result<String, FetchError> {
        let (repository, tracker) = (self.site.repository, self.rest.name());
        let Some((owner, name)) = repository.split_once('/').filter(|_| settings::is_repository(repository)) else {
            return Err(FetchError::Gone("Enter the repository as owner/name.".to_owned()));
        };
        let response = self.rest.get(self.rest.url(&["repos", owner, name]), repository).await?;
        let found: RepositoryResponse = serde_json::from_slice(&response.body)
            .map_err(|_| FetchError::Failed(format!("The response does not look like {tracker}. Check the URL.")))?;
        if found.has_issues == Some(false) {
            return Err(FetchError::Gone(format!("Issues are turned off for {} on {tracker}.", found.full_name)));
        }
        if !found.full_name.eq_ignore_ascii_case(repository) {
            return Ok(format!("Connected. {repository} is now called {} on {tracker}.", found.full_name));
        }
        Ok(format!("Connected to {}.", found.full_name))
    }
}
