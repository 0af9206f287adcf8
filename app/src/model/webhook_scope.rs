//! The projects whose events an outbound webhook sends, and the list of the webhooks of several projects.

use serde::{Deserialize, Serialize};

use super::id::{ProjectId, WebhookId};
use super::page::{PageQuery, limit};
use super::string_enum;
use super::webhook::Health;

/// The maximum number of projects that a webhook can name. All projects need no names.
pub const MAX_PROJECTS_PER_WEBHOOK: usize = 100;
/// The maximum number of webhooks that are activated or deactivated at once.
pub const MAX_SELECTED_WEBHOOKS: usize = 100;
/// The highest limit of active webhooks per project that can be set.
pub const MAX_ACTIVE_WEBHOOK_LIMIT: u32 = 1000;

string_enum! {
    /// How many projects a webhook has.
    ScopeKind {
        /// One project.
        Project = "project", "One project";
        /// Several projects.
        Projects = "projects", "Several projects";
        /// Every project, also later ones.
        All = "all", "All projects";
    }
}

/// The projects of a webhook, as the caller may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WebhookScope {
    /// How many it has.
    pub kind: ScopeKind,
    /// Those that the caller may read, by name; empty for all projects.
    pub projects: Vec<ScopeProject>,
    /// How many others it has, which the caller may not read.
    pub hidden_count: u32,
    /// Whether its only projects were deleted. It is inactive until a system admin selects others.
    pub orphaned: bool,
    /// Whether the caller may change the webhook: an admin of all its projects, and for all projects a system
    /// admin.
    pub can_manage: bool,
}

impl WebhookScope {
    /// Whether the webhook sends the events of a project that the caller may read.
    #[must_use]
    pub fn covers(&self, project: ProjectId) -> bool {
        self.kind == ScopeKind::All || self.projects.iter().any(|one| one.id == project)
    }
}

/// A project of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScopeProject {
    /// Its ID.
    pub id: ProjectId,
    /// The key, e.g. `WEB`.
    pub key: String,
    /// The name.
    pub name: String,
}

/// Selects the projects of a webhook. The caller must be an admin of each; for all projects, a system admin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SelectScope {
    /// How many.
    pub kind: ScopeKind,
    /// One for `project`, 1 to 100 for `projects`, none for `all`.
    #[serde(default)]
    pub project_ids: Vec<ProjectId>,
}

#[cfg(feature = "ssr")]
impl SelectScope {
    /// The selection of a form.
    #[must_use]
    pub fn from_form(all: bool, projects: Vec<ProjectId>) -> Self {
        match all {
            true => Self { kind: ScopeKind::All, project_ids: Vec::new() },
            false => Self { kind: ScopeKind::Projects, project_ids: projects },
        }
    }
}

/// Selects a page of the webhooks of several projects. Empty filters select all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct WebhookQuery {
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
    /// A part of the name or the URL, in any case.
    pub search: Option<String>,
    /// Only those with the events of this project.
    pub project_id: Option<ProjectId>,
    /// Only those with this health.
    #[cfg_attr(feature = "ssr", param(inline))]
    pub health: Option<Health>,
    /// Only active or inactive ones.
    pub active: Option<bool>,
    /// Only those whose projects were deleted; for system admins.
    pub orphaned: Option<bool>,
}

impl WebhookQuery {
    /// The page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}

/// Selects webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SelectWebhooks {
    /// At most 100 outbound webhooks. The caller must be allowed to change each.
    #[cfg_attr(feature = "ssr", schema(min_items = 1, max_items = 100))]
    pub ids: Vec<WebhookId>,
}

/// How many webhooks were activated or deactivated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangedWebhooks {
    /// How many were changed.
    pub changed: u32,
    /// How many were so already.
    pub skipped: u32,
}
