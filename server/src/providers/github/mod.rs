//! GitHub and GitHub Enterprise: <https://docs.github.com/rest/issues/issues>.

pub mod client;
mod inbound;
pub mod issue;
mod milestone;
pub mod settings;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::settings::{tracker_url, without_trailing_slash};
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct Github;

impl IssueProvider for Github {
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        tracker_url(Provider::Github, entered, guard, |_| true).map(|url| without_trailing_slash(&url))
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::repository(entered).ok_or("Enter the repository as owner/name, e.g. acme/checkout.")
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::GithubClient::new(connection)?))
    }
}
