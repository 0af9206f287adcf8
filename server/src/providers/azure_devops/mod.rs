//! Azure DevOps Services and Server
//! (<https://learn.microsoft.com/rest/api/azure/devops/wit/work-items>).

mod client;
mod inbound;
mod issue;
mod settings;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::settings::{tracker_url, without_trailing_slash};
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct AzureDevops;

impl IssueProvider for AzureDevops {
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        // Azure DevOps Server may have a path of its own.
        tracker_url(Provider::AzureDevops, entered, guard, settings::is_cloud).map(|url| without_trailing_slash(&url))
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::repository(entered).ok_or("Enter organization/project, e.g. acme/Checkout.")
    }

    /// Work items name their project without its organization.
    fn origin<'a>(&self, repository: &'a str) -> &'a str {
        settings::split(repository).map_or("", |(_, project)| project)
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::AzureDevopsClient::new(connection)?))
    }
}
