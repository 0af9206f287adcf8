//! A project's connection to its issue tracker. At most one a project.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::IntegrationId;
use super::named;

named! {
    /// The trackers that Testbell speaks with.
    Provider {
        /// github.com or GitHub Enterprise.
        Github = "github", "GitHub";
        /// Jira Cloud or Data Center.
        Jira = "jira", "Jira";
        /// Azure DevOps Services or Server.
        AzureDevops = "azure_devops", "Azure DevOps";
        /// Links only: no events, no reading.
        SimpleUrl = "simple_url", "Simple URL";
    }
}

impl Provider {
    /// Whether the tracker can push events to Testbell.
    #[must_use]
    pub const fn has_inbound(self) -> bool {
        !matches!(self, Self::SimpleUrl)
    }
}

/// The integration of a project. Credentials are never part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Its id.
    pub id: IntegrationId,
    /// Which tracker.
    pub provider: Provider,
    /// Where the tracker's pages live, such as `https://github.com`; no slash at the end.
    /// For Simple URL a template with `{key}`.
    pub base_url: String,
    /// `owner/repository` for GitHub, the project key for Jira, `organisation/project` for Azure
    /// DevOps, empty for Simple URL.
    pub repository: String,
    /// Whether credentials are stored, so that issues are read from the tracker too.
    pub has_credentials: bool,
    /// The latest failure to read from the tracker, in words; null after a success.
    pub sync_error: Option<String>,
    /// When something was last read from the tracker as it is set up now: an issue, or what a test of
    /// the connection asks for.
    pub synced_at: Option<DateTime<Utc>>,
    /// How many issues wait to be read from the tracker.
    pub sync_waiting: u32,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
}

/// Sets up or replaces the integration of a project.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PutIntegration {
    /// Which tracker.
    pub provider: Provider,
    /// See [`Integration::base_url`]; empty for the tracker's public address.
    #[serde(default)]
    pub base_url: String,
    /// See [`Integration::repository`].
    #[serde(default)]
    pub repository: String,
    /// What to read the tracker with; absent or empty keeps what is stored for the same provider.
    #[serde(default)]
    pub credentials: Option<Credentials>,
}

/// What authenticates Testbell at the tracker. Stored encrypted, never read back.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Credentials {
    /// The account's address; Jira Cloud only.
    pub email: Option<String>,
    /// A personal access token or an API token.
    pub token: String,
}

/// What a test of the connection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// Whether issues can be read.
    pub ok: bool,
    /// What was found, and what to do if it failed.
    pub detail: String,
}
