//! gitlab.com and self-managed GitLab: <https://docs.gitlab.com/api/issues/>.

mod client;
mod inbound;
mod issue;
mod settings;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::settings::{tracker_url, without_trailing_slash};
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct Gitlab;

impl IssueProvider for Gitlab {
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        // Self-managed GitLab may have a path of its own.
        let url = tracker_url(Provider::Gitlab, entered, guard, |host| host == "gitlab.com")?;
        if settings::is_page(&url) {
            return Err("Enter the part of the URL that all GitLab pages start with.".to_owned());
        }
        Ok(without_trailing_slash(&url))
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::project(entered).ok_or("Enter the path of the GitLab project, e.g. group/project.")
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::GitlabClient::new(connection)?))
    }
}
