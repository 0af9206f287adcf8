//! Issue trackers. One folder holds everything about a tracker: the settings of its integration,
//! how its webhook events are verified and parsed, its REST client, and how it writes an issue.
//! Events and REST responses are parsed by the same code, so that both lead to the same issue.
//!
//! A new tracker is a folder here, a line in [`issue_provider`], and a
//! [`ProviderSpec`](app::model::provider::ProviderSpec).

pub mod azure_devops;
pub mod basic_auth;
pub mod client;
mod delivery_id;
pub mod gitea;
pub mod github;
pub mod gitlab;
mod hmac_signature;
pub mod inbound;
pub mod issue;
pub mod jira;
mod lenient;
pub mod linear;
pub mod milestone;
pub mod rate_limit;
mod rest_client;
mod secret_token;
pub mod settings;
mod simple_url;
pub mod surrogates;

use app::model::provider::Provider;

use crate::net::Guard;

pub use client::{FetchError, FetchedIssue, IssueClient, TrackerConnection, TrackerSite};
pub use inbound::InboundEvents;
pub use issue::{IssueState, TrackerIssue};
pub use lenient::lenient;
pub use milestone::TrackerMilestone;

/// Everything that differs from tracker to tracker. Nothing here touches the database.
pub trait IssueProvider: Send + Sync {
    /// Brings the URL that an admin entered into one form.
    ///
    /// # Errors
    /// A sentence for the field.
    fn base_url(&self, entered: &str, guard: &Guard) -> Result<String, String>;

    /// Brings the repository or project that an admin entered into one form.
    ///
    /// # Errors
    /// A sentence for the field.
    fn repository(&self, entered: &str) -> Result<String, &'static str>;

    /// What to say if a token for this URL comes without the email address of its account; `None`
    /// if the token is enough.
    fn email_required(&self, _base_url: &str) -> Option<&'static str> {
        None
    }

    /// The part of an integration's repository that its issues name as their
    /// [`origin`](TrackerIssue::origin).
    fn origin<'a>(&self, repository: &'a str) -> &'a str {
        repository
    }

    /// How its events are verified and parsed; `None` if it sends none.
    fn inbound(&self) -> Option<&'static dyn InboundEvents>;

    /// A client that reads its issues.
    ///
    /// # Errors
    /// [`FetchError::Gone`] if the settings or the token can't be used, or if there is nothing to read.
    fn client<'a>(&self, connection: TrackerConnection<'a>) -> Result<Box<dyn IssueClient + 'a>, FetchError>;
}

/// The registry: the implementation of each provider.
#[must_use]
pub const fn issue_provider(provider: Provider) -> &'static dyn IssueProvider {
    match provider {
        Provider::Github => &github::Github,
        Provider::Gitlab => &gitlab::Gitlab,
        Provider::Gitea => &gitea::Gitea,
        Provider::Jira => &jira::Jira,
        Provider::AzureDevops => &azure_devops::AzureDevops,
        Provider::Linear => &linear::Linear,
        Provider::SimpleUrl => &simple_url::SimpleUrl,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_and_implementations_agree_about_inbound_events() {
        for &provider in Provider::ALL {
            assert_eq!(issue_provider(provider).inbound().is_some(), provider.has_inbound(), "{provider}");
        }
    }
}
