//! Gitea and Forgejo (e.g. codeberg.org), whose webhooks and REST API are like GitHub's:
//! <https://docs.gitea.com/api/>, <https://forgejo.org/docs/latest/user/webhooks/>.

mod client;
mod inbound;
mod issue;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::github::settings;
use crate::providers::settings::{tracker_url, without_trailing_slash};
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct Gitea;

impl IssueProvider for Gitea {
    /// A server may have a path of its own.
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        let is_public = |host: &str| matches!(host, "gitea.com" | "codeberg.org");
        tracker_url(Provider::Gitea, entered, guard, is_public).map(|url| without_trailing_slash(&url))
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::repository(entered).ok_or("Enter the repository as owner/name, e.g. acme/checkout.")
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::new(connection)?))
    }
}
