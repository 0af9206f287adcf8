//! A project's connection to its issue tracker. A project has at most one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::IntegrationId;
use super::provider::Provider;
use super::time::millis;

/// The integration of a project. Credentials are never part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// The integration's ID.
    pub id: IntegrationId,
    /// The tracker.
    pub provider: Provider,
    /// The URL of the tracker, e.g. `https://github.com`, without a trailing slash. For Simple URL a
    /// template with `{key}`.
    pub base_url: String,
    /// `owner/repository` for GitHub and Gitea, `group/project` for GitLab, the project key for Jira,
    /// `organization/project` for Azure DevOps, empty for Simple URL.
    pub repository: String,
    /// Whether credentials are stored. Without them, issues update only from webhook events.
    pub has_credentials: bool,
    /// Why the latest sync failed; null after a success.
    pub sync_error: Option<String>,
    /// When the latest sync or connection test succeeded with the current settings.
    #[serde(serialize_with = "millis")]
    pub synced_at: Option<DateTime<Utc>>,
    /// How many issues are in the sync queue.
    pub sync_waiting: u32,
    /// Whether only issues of `repository` are imported. Events about other issues are then ignored,
    /// unless the issue was imported before. Always false for Simple URL.
    pub only_from_repository: bool,
    /// Whether milestones are kept in sync with the milestones or versions of `repository`. Always false for trackers that
    /// send none.
    pub sync_milestones: bool,
    /// How many of the project's issues belong to another repository or project of the tracker.
    pub issues_from_elsewhere: u32,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}

/// Creates or replaces the integration of a project.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PutIntegration {
    /// The tracker.
    pub provider: Provider,
    /// See [`Integration::base_url`]; empty for the tracker's public URL.
    #[serde(default)]
    pub base_url: String,
    /// See [`Integration::repository`].
    #[serde(default)]
    pub repository: String,
    /// See [`Integration::only_from_repository`]. Omit it to keep the stored value of the same
    /// provider; the default is false.
    #[serde(default)]
    pub only_from_repository: Option<bool>,
    /// See [`Integration::sync_milestones`]; GitHub and Jira only. Omit it to keep the stored value of the same provider; the
    /// default is false.
    #[serde(default)]
    pub sync_milestones: Option<bool>,
    /// The credentials. Omit them or leave them empty to keep those stored for the same provider.
    #[serde(default)]
    pub credentials: Option<Credentials>,
}

/// What Testbell signs in to the tracker with. Stored encrypted and never returned.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Credentials {
    /// The email address of the account; Jira Cloud only.
    pub email: Option<String>,
    /// A personal access token or an API token.
    pub token: String,
}

/// The result of a connection test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ConnectionTest {
    /// Whether issues can be read.
    pub ok: bool,
    /// What was found, or why it failed and what to do.
    pub detail: String,
}
