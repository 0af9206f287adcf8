//! The trackers: what they say of an issue, in one shape for all of them ([`issue`]), and the
//! clients that read issues over REST. What a webhook carries and what REST answers is read by
//! the same code, so that both come to the same result.

pub mod azure;
pub mod github;
pub mod issue;
pub mod jira;
mod lenient;
mod markdown;
pub mod pace;
mod rest;
pub mod surrogates;

use app::model::integration::{Credentials, Provider};
use chrono::{DateTime, Utc};

use crate::core::Core;
use crate::entity::{integration, issue as stored};

pub use issue::{State, TrackerIssue};
pub use lenient::lenient;

/// Where a tracker's issues are, as its integration says.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The address of its pages.
    pub base_url: &'a str,
    /// See [`Integration::repository`](app::model::integration::Integration::repository).
    pub repository: &'a str,
    /// Whether issues are read over REST, too.
    pub reads: bool,
}

impl<'a> Site<'a> {
    /// The site of an integration.
    #[must_use]
    pub fn of(integration: &'a integration::Model) -> Self {
        Self {
            base_url: &integration.base_url,
            repository: &integration.repository,
            reads: integration.credentials.is_some(),
        }
    }
}

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

impl Unread {
    /// What to tell the project's admins.
    #[must_use]
    pub fn sentence(&self) -> &str {
        match self {
            Self::Gone(sentence)
            | Self::Limited { sentence, .. }
            | Self::Refused(sentence)
            | Self::Failed(sentence) => sentence,
        }
    }
}

impl Core {
    /// Reads a stored issue anew, with what the integration has.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn read_issue(&self, integration: &integration::Model, issue: &stored::Model) -> Result<Read, Unread> {
        let (id, key) = (issue.external_id.as_deref().unwrap_or_default(), issue.key.as_deref().unwrap_or_default());
        let credentials = self.credentials(integration)?;
        let (http, clock, site) = (self.http.clone(), self.clock.clone(), Site::of(integration));
        match integration.provider {
            Provider::Github => {
                let token = credentials.map(|credentials| credentials.token);
                github::Client::new(http, clock, site.base_url, token.as_deref())?.issue(key).await
            }
            Provider::Jira => jira::Client::new(http, clock, site, credentials.as_ref())?.issue(id, key).await,
            Provider::AzureDevops => azure::Client::new(http, clock, site, credentials.as_ref())?.issue(id, key).await,
            Provider::SimpleUrl => Err(Unread::Gone(LINKS_ONLY.to_owned())),
        }
    }

    /// Tries to read where the issues are; gives a sentence with what was found.
    ///
    /// # Errors
    /// See [`Unread`].
    pub async fn read_site(&self, integration: &integration::Model) -> Result<String, Unread> {
        let credentials = self.credentials(integration)?;
        let (http, clock, site) = (self.http.clone(), self.clock.clone(), Site::of(integration));
        match integration.provider {
            Provider::Github => {
                let token = credentials.map(|credentials| credentials.token);
                github::Client::new(http, clock, site.base_url, token.as_deref())?.repository(site.repository).await
            }
            Provider::Jira => jira::Client::new(http, clock, site, credentials.as_ref())?.project().await,
            Provider::AzureDevops => azure::Client::new(http, clock, site, credentials.as_ref())?.project().await,
            Provider::SimpleUrl => Err(Unread::Gone(LINKS_ONLY.to_owned())),
        }
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

const LINKS_ONLY: &str = "A Simple URL only links to issues: there is nothing to read from.";
