//! GitLab's REST API: <https://docs.gitlab.com/api/issues/#retrieve-a-project-issue>.

use async_trait::async_trait;
use axum::http::HeaderName;
use serde::Deserialize;

use super::issue::GitlabIssue;
use super::settings;
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite};

const TOKEN_HEADER: HeaderName = HeaderName::from_static("private-token");

const TERMS: TrackerTerms = TrackerTerms {
    name: "GitLab",
    container: "project",
    forbidden: "Give it the scope read_api, and its account at least the role Reporter in the project.",
    // A renamed project is a redirect too.
    shows_sign_in: false,
};

/// The client.
pub struct GitlabClient<'a> {
    rest: RestClient,
    site: TrackerSite<'a>,
}

#[derive(Deserialize)]
struct ProjectResponse {
    path_with_namespace: String,
    #[serde(default)]
    issues_enabled: Option<bool>,
}

impl<'a> GitlabClient<'a> {
    /// # Errors
    /// [`FetchError::Gone`] if the URL or the token can't be used.
    pub fn new(connection: TrackerConnection<'a>) -> Result<Self, FetchError> {
        let TrackerConnection { http, clock, site, credentials } = connection;
        let root = rest_client::extend(&rest_client::base(site.base_url)?, &["api", "v4"]);
        let token = credentials.map(|credentials| (TOKEN_HEADER, credentials.token));
        Ok(Self { rest: RestClient::new(http, clock, root, TERMS, token)?, site })
    }
}

#[async_trait]
impl IssueClient for GitlabClient<'_> {
    /// By its key: only administrators may read an issue by its id.
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError> {
        let Some((project, number)) = settings::split_key(key) else {
            return Err(FetchError::Gone(format!("{key} is not the key of a GitLab issue.")));
        };
        let url = self.rest.url(&["projects", project, "issues", &number.to_string()]);
        let response = self.rest.get(url, key).await?;
        let paused_until = self.rest.paused_until(&response);
        let issue = serde_json::from_slice::<GitlabIssue>(&response.body).ok();
        match issue.and_then(|issue| issue.parse(None, &self.site).ok()) {
            // Another issue would overwrite the row of this one.
            Some(issue) if issue.external_id == external_id && issue.title.is_some() => {
                Ok(FetchedIssue { issue, paused_until })
            }
            _ => Err(FetchError::Failed("GitLab's response is not the issue as JSON.".to_owned())),
        }
    }

    async fn test_connection(&self) -> Result<String, FetchError> {
        let project = self.site.repository;
        let response = self.rest.get(self.rest.url(&["projects", project]), project).await?;
        let found: ProjectResponse = serde_json::from_slice(&response.body)
            .map_err(|_| FetchError::Failed("The response does not look like GitLab. Check the URL.".to_owned()))?;
        let path = found.path_with_namespace;
        if found.issues_enabled == Some(false) {
            return Err(FetchError::Gone(format!("Issues are turned off for {path} on GitLab.")));
        }
        if !path.eq_ignore_ascii_case(project) {
            return Ok(format!("Connected. {project} is now called {path} on GitLab."));
        }
        Ok(format!("Connected to {path}."))
    }
}
