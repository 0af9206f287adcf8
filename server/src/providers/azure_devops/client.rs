//! The REST API of Azure DevOps. It responds to an invalid token with a sign-in page: with 203, 302
//! or even 200.

use app::model::integration::Credentials;
use async_trait::async_trait;
use axum::http::header;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::issue::WorkItemResponse;
use super::settings::split;
use crate::providers::rest_client::{self, RestClient, TrackerTerms};
use crate::providers::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite};

const TERMS: TrackerTerms = TrackerTerms {
    name: "Azure DevOps",
    container: "project",
    forbidden: "Give it the scope Work Items (Read), and its account access to the project.",
    shows_sign_in: true,
};
const VERSION: (&str, &str) = ("api-version", "7.1");

/// The client.
pub struct AzureDevopsClient<'a> {
    rest: RestClient,
    site: TrackerSite<'a>,
}

#[derive(Deserialize)]
struct WorkItemTypes {
    value: Vec<serde::de::IgnoredAny>,
}

impl<'a> AzureDevopsClient<'a> {
    /// # Errors
    /// [`FetchError::Gone`] if the URL, the project or the token can't be used.
    pub fn new(connection: TrackerConnection<'a>) -> Result<Self, FetchError> {
        let TrackerConnection { http, clock, site, credentials } = connection;
        let (organization, project) = split(site.repository)
            .ok_or_else(|| FetchError::Gone("Enter the project as organization/project.".to_owned()))?;
        // The username of a personal access token is empty.
        let basic = |credentials: Credentials| {
            let value = format!("Basic {}", STANDARD.encode(format!(":{}", credentials.token)));
            (header::AUTHORIZATION, value)
        };
        let root = rest_client::extend(&rest_client::base(site.base_url)?, &[organization, project, "_apis", "wit"]);
        Ok(Self { rest: RestClient::new(http, clock, root, TERMS, credentials.map(basic))?, site })
    }
}

#[async_trait]
impl IssueClient for AzureDevopsClient<'_> {
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError> {
        let mut url = self.rest.url(&["workitems", external_id]);
        url.query_pairs_mut().append_pair(VERSION.0, VERSION.1);
        let response = self.rest.get(url, &format!("work item {key}")).await?;
        let paused_until = self.rest.paused_until(&response);
        let unexpected = || FetchError::Failed("Azure DevOps' response is not the work item as JSON.".to_owned());
        let found: WorkItemResponse = serde_json::from_slice(&response.body).map_err(|_| unexpected())?;
        // Another work item would overwrite the row of this one.
        let number = found.id.filter(|number| number.to_string() == external_id).ok_or_else(unexpected)?;
        let issue = found.work_item().ok_or_else(unexpected)?.parse(number, &self.site);
        Ok(FetchedIssue { issue, paused_until })
    }

    /// Reads the work item types, which takes the same scope as reading work items.
    async fn test_connection(&self) -> Result<String, FetchError> {
        let mut url = self.rest.url(&["workitemtypes"]);
        url.query_pairs_mut().append_pair(VERSION.0, VERSION.1);
        let project = self.site.repository;
        let response = self.rest.get(url, &format!("project {project}")).await?;
        let found: WorkItemTypes = serde_json::from_slice(&response.body).map_err(|_| {
            FetchError::Failed("The response does not look like Azure DevOps. Check the URL.".to_owned())
        })?;
        Ok(format!("Connected to {project}, which has {} work item types.", found.value.len()))
    }
}
