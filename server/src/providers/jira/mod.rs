//! Jira Cloud (<https://developer.atlassian.com/cloud/jira/platform/rest/v3/>) and Data Center
//! (<https://developer.atlassian.com/server/jira/platform/rest/>).

mod client;
mod inbound;
mod issue;
mod settings;
mod version;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::settings::{tracker_url, without_trailing_slash};
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct Jira;

impl IssueProvider for Jira {
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        // Data Center may have a path of its own.
        let url = tracker_url(Provider::Jira, entered, guard, settings::is_cloud)?;
        if settings::is_page(&url) {
            return Err("Enter the part of the URL that all Jira pages start with.".to_owned());
        }
        Ok(without_trailing_slash(&url))
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::project_key(entered).ok_or("Enter the key of the Jira project, e.g. WEB.")
    }

    fn email_required(&self, base_url: &str) -> Option<&'static str> {
        settings::is_cloud_url(base_url).then_some("Jira Cloud requires the email address of the API token's account.")
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::JiraClient::new(connection)?))
    }
}
