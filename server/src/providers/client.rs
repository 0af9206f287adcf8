//! Reading issues over a tracker's REST API: what every client offers, and why a request fails.

use app::model::integration::Credentials;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::issue::TrackerIssue;
use super::issue_provider;
use crate::app_state::AppState;
use crate::clock::Clock;
use crate::dispatch::local_trouble::LocalTrouble;
use crate::entity::{integration, issue};
use crate::net::Http;

/// A client for the issues of one integration.
#[async_trait]
pub trait IssueClient: Send + Sync {
    /// Fetches the issue with this id; `key` is what people call it.
    ///
    /// # Errors
    /// See [`FetchError`].
    async fn fetch_issue(&self, external_id: &str, key: &str) -> Result<FetchedIssue, FetchError>;

    /// Checks that issues can be read; returns a sentence that says what was found.
    ///
    /// # Errors
    /// See [`FetchError`].
    async fn test_connection(&self) -> Result<String, FetchError>;
}

/// What a client needs.
pub struct TrackerConnection<'a> {
    /// Sends the requests.
    pub http: Http,
    /// Times them.
    pub clock: Clock,
    /// Where the issues are.
    pub site: TrackerSite<'a>,
    /// What Testbell signs in with.
    pub credentials: Option<Credentials>,
}

/// Where a tracker's issues are, as its integration says.
#[derive(Clone, Copy, Debug)]
pub struct TrackerSite<'a> {
    /// The URL of its pages.
    pub base_url: &'a str,
    /// See [`Integration::repository`](app::model::integration::Integration::repository).
    pub repository: &'a str,
    /// Whether issues are also read over REST.
    pub has_credentials: bool,
}

impl<'a> From<&'a integration::Model> for TrackerSite<'a> {
    fn from(integration: &'a integration::Model) -> Self {
        Self {
            base_url: &integration.base_url,
            repository: &integration.repository,
            has_credentials: integration.credentials.is_some(),
        }
    }
}

/// An issue as the tracker returned it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedIssue {
    /// The issue.
    pub issue: TrackerIssue,
    /// Until when nothing more may be fetched: this was the last request that the tracker grants.
    pub paused_until: Option<DateTime<Utc>>,
}

/// Why an issue could not be fetched; each with a sentence for the project's admins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// Another request would get the same response.
    Gone(String),
    /// The tracker's rate limit.
    RateLimited {
        /// When requests are accepted again.
        until: DateTime<Utc>,
        /// The sentence.
        sentence: String,
    },
    /// The tracker rejects the credentials, so no other issue can be fetched either.
    Unauthorized(String),
    /// It may work later.
    Failed(String),
    /// The cause is this server, not the tracker.
    Local(LocalTrouble),
}

impl FetchError {
    /// The sentence for the project's admins.
    #[must_use]
    pub fn sentence(&self) -> &str {
        match self {
            Self::Gone(sentence)
            | Self::RateLimited { sentence, .. }
            | Self::Unauthorized(sentence)
            | Self::Failed(sentence) => sentence,
            Self::Local(trouble) => trouble.reading_sentence(),
        }
    }

    /// The label of the metric.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Gone(_) => "gone",
            Self::RateLimited { .. } => "limited",
            Self::Unauthorized(_) => "refused",
            Self::Failed(_) => "failed",
            Self::Local(_) => "local",
        }
    }
}

/// Fetches a stored issue again.
///
/// # Errors
/// See [`FetchError`].
pub async fn fetch_issue(
    state: &AppState,
    integration: &integration::Model,
    issue: &issue::Model,
) -> Result<FetchedIssue, FetchError> {
    let (id, key) = (issue.external_id.as_deref().unwrap_or_default(), issue.key.as_deref().unwrap_or_default());
    client(state, integration)?.fetch_issue(id, key).await
}

/// Checks that the issues of an integration can be read; returns a sentence that says what was found.
///
/// # Errors
/// See [`FetchError`].
pub async fn test_connection(state: &AppState, integration: &integration::Model) -> Result<String, FetchError> {
    client(state, integration)?.test_connection().await
}

fn client<'a>(state: &AppState, integration: &'a integration::Model) -> Result<Box<dyn IssueClient + 'a>, FetchError> {
    let connection = TrackerConnection {
        http: state.http.clone(),
        clock: state.clock.clone(),
        site: integration.into(),
        credentials: open_credentials(state, integration)?,
    };
    issue_provider(integration.provider).client(connection)
}

fn open_credentials(state: &AppState, integration: &integration::Model) -> Result<Option<Credentials>, FetchError> {
    let Some(sealed) = &integration.credentials else { return Ok(None) };
    let undecryptable = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, integration = %integration.id, "failed to decrypt the credentials of an integration");
        FetchError::Gone("The stored credentials can't be decrypted. Enter them again.".to_owned())
    };
    let aad = integration::credentials_aad(integration.id);
    let json = state.keys.open(&aad, sealed).map_err(|error| undecryptable(&error))?;
    serde_json::from_slice(&json).map(Some).map_err(|error| undecryptable(&error))
}
