//! Linear: <https://linear.app/developers/webhooks>, <https://linear.app/developers/graphql>.

mod client;
mod inbound;
mod issue;
mod settings;

use app::model::provider::Provider;

use crate::net::Guard;
use crate::providers::settings::tracker_url;
use crate::providers::{FetchError, InboundEvents, IssueClient, IssueProvider, TrackerConnection};

/// The implementation.
pub struct Linear;

impl IssueProvider for Linear {
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String> {
        let url = tracker_url(Provider::Linear, entered, guard, |_| false)?;
        settings::workspace(&url).ok_or_else(|| {
            let example = Provider::Linear.spec().base_url.example;
            format!("Enter the URL of your workspace, e.g. {example}.")
        })
    }

    fn repository(&self, entered: &str) -> Result<String, &'static str> {
        settings::team_key(entered)
            .ok_or("Enter the key of the Linear team, e.g. ENG. It starts the IDs of its issues.")
    }

    fn inbound(&self) -> Option<&'static dyn InboundEvents> {
        Some(&Self)
    }

    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
        Ok(Box::new(client::LinearClient::new(connection)?))
    }
}
