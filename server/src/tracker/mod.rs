//! The trackers: what they say of an issue, in one shape for all of them ([`issue`]), and the
//! clients that read issues over REST. What a webhook carries and what REST answers is read by
//! the same code, so that both come to the same result.

pub mod github;
pub mod issue;
pub mod pace;

use app::model::integration::{Credentials, Provider};
use chrono::{DateTime, Utc};

use crate::core::Core;
use crate::entity::integration;

pub use issue::{State, TrackerIssue};

/// An issue as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The issue.
    pub issue: TrackerIssue,
    /// Until when nothing more may be read, as this was the last request that the tracker grants.
    pub paused_until: Option<DateTime<Utc>>,
}

/// Why an issue could not be read; each with a sentence for the project's admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Asking again would give the same answer.
    Gone(String),
    /// The tracker grants no more requests until then.
    Limited {
        /// Until when.
        until: DateTime<Utc>,
        /// What it said.
        sentence: String,
    },
    /// The tracker does not know the credentials: no other issue could be read either.
    Refused(String),
    /// It may work later.
    Failed(String),
}

impl Core {
    /// Reads an issue by its key, with what the integration has.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn read_issue(&self, integration: &integration::Model, key: &str) -> Result<Read, Unread> {
        match integration.provider {
            Provider::Github => self.github(integration)?.issue(key).await,
            provider @ (Provider::Jira | Provider::AzureDevops | Provider::SimpleUrl) => {
                Err(Unread::Gone(not_available(provider)))
            }
        }
    }

    /// The client of a GitHub integration.
    ///
    /// # Errors
    /// [`Unread::Gone`] when what is stored is of no use.
    pub fn github(&self, integration: &integration::Model) -> Result<github::Client, Unread> {
        let token = self.credentials(integration)?.map(|credentials| credentials.token);
        github::Client::new(self.http.clone(), self.clock.clone(), &integration.base_url, token.as_deref())
    }

    fn credentials(&self, integration: &integration::Model) -> Result<Option<Credentials>, Unread> {
        let Some(sealed) = &integration.credentials else { return Ok(None) };
        let damaged = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, integration = %integration.id, "the credentials of an integration do not open");
            Unread::Gone("The stored credentials can't be decrypted any more: enter them again.".to_owned())
        };
        let json = self.keys.open(&place(integration), sealed).map_err(|error| damaged(&error))?;
        serde_json::from_slice(&json).map(Some).map_err(|error| damaged(&error))
    }
}

/// Where the credentials of an integration belong to, for their encryption.
#[must_use]
pub fn place(integration: &integration::Model) -> String {
    integration::credentials_place(integration.id)
}

/// What to say where issues are not read over REST.
#[must_use]
pub fn not_available(provider: Provider) -> String {
    match provider {
        Provider::SimpleUrl => "A Simple URL only links to issues: there is nothing to read from.".to_owned(),
        provider => format!("Testbell can't read issues from {} yet.", provider.label()),
    }
}
