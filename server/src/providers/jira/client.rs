//! Jira's REST API: version 3 with an account's email address and API token on Cloud, version 2 with
//! a personal access token on Data Center.

use app::model::integration::Credentials;
use async_trait::async_trait;
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::issue::JiraIssue;
use super::settings::is_cloud;
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite};

const TERMS: TrackerTerms = TrackerTerms {
    name: "Jira",
    container: "project",
    forbidden: "Its account needs permission to browse the project. After too many failed sign-ins, Jira may also ask \
                for a captcha: sign in to Jira once with that account.",
    shows_sign_in: false,
};

/// The fields that are used. Without this, Jira sends every field.
const FIELDS: &str = "summary,description,status,resolution,priority,issuetype,labels,assignee,updated";

/// The client.
pub struct JiraClient<'a> {
    rest: RestClient,
    site: TrackerSite<'a>,
}

#[derive(Deserialize)]
struct Project {
    key: String,
    name: String,
}

impl<'a> JiraClient<'a> {
    /// # Errors
    /// [`FetchError::Gone`] if the URL or the token can't be used.
    pub fn new(connection: TrackerConnection<'a>) -> Result<Self, FetchError> {
        let TrackerConnection { http, clock, site, credentials } = connection;
        let base = rest_client::base(site.base_url)?;
        let email = credentials.as_ref().and_then(|credentials| credentials.email.as_deref());
        let version = if email.is_some() || is_cloud(base.host_str().unwrap_or_default()) { "3" } else { "2" };
        let authorization = credentials.as_ref().map(|Credentials { token, .. }| match email {
            Some(email) => format!("Basic {}", STANDARD.encode(format!("{email}:{token}"))),
            None => format!("Bearer {token}"),
        });
        let authorization = authorization.map(|value| (header::AUTHORIZATION, value));
        let root = rest_client::extend(&base, &["rest", "api", version]);
        Ok(Self { rest: RestClient::new(http, clock, root, TERMS, authorization)?, site })
    }
}

#[async_trait]
impl IssueClient for JiraClient<'_> {
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError> {
        let mut url = self.rest.url(&["issue", external_id]);
        url.query_pairs_mut().append_pair("fields", FIELDS);
        let response = self.rest.get(url, key).await?;
        let paused_until = self.rest.paused_until(&response);
        let issue = serde_json::from_slice::<JiraIssue>(&response.body).ok().and_then(|issue| issue.parse(&self.site));
        match issue {
            // Another issue would overwrite the row of this one.
            Some(issue) if issue.external_id == external_id => Ok(FetchedIssue { issue, paused_until }),
            _ => Err(FetchError::Failed("Jira's response is not the issue as JSON.".to_owned())),
        }
    }

    async fn test_connection(&self) -> Result<String, FetchError> {
        let key = self.site.repository;
        let response = self.rest.get(self.rest.url(&["project", key]), &format!("project {key}")).await?;
        let found: Project = serde_json::from_slice(&response.body)
            .map_err(|_| FetchError::Failed("The response does not look like Jira. Check the URL.".to_owned()))?;
        Ok(format!("Connected to {} ({}).", found.key, found.name))
    }
}
