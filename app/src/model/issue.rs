//! Issues: created here, or synced from the project's tracker.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::catalog::payload::{self, Payload};
use super::catalog::{CatalogSubject, Subject, SubjectSpec};
use super::icon::Icon;
use super::id::{IssueId, ProjectId};
use super::page::PageQuery;
use super::provider::Provider;
use super::string_enum;
use super::time::millis;

impl CatalogSubject for Issue {
    const SUBJECT: Subject = Subject::Issue;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "issue",
        headline: "Issue",
        path: "issues",
        id_prefix: IssueId::PREFIX,
        key_letter: 'I',
        icon: Icon::Issue,
        param: "issue",
        lead: "Issues created here or synced from your tracker.",
        first_step: "Issues appear here when your tracker sends events. Or create one manually.",
        completion: None,
        abort: None,
        deletion: "The issue is deleted for everyone. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::issue::PAYLOAD;
    type Id = IssueId;
}

string_enum! {
    /// Whether a status means open or closed.
    StatusKind {
        /// Not done.
        Open = "open", "Open";
        /// Done, or closed for another reason.
        Closed = "closed", "Closed";
    }
}

/// An issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// Its ID.
    pub id: IssueId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The tracker it is synced from; null for an issue created in Testbell.
    pub provider: Option<Provider>,
    /// The tracker's key, e.g. `acme/checkout#42` or `WEB-7`.
    pub key: Option<String>,
    /// The tracker's page of it.
    pub url: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description as Markdown, as written.
    pub description: String,
    /// The tracker's name of the status.
    pub status: String,
    /// Whether the status means open or closed.
    pub status_kind: StatusKind,
    /// The tracker's name of the priority.
    pub priority: Option<String>,
    /// The tracker's name of the type.
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The assignee, as the tracker names them.
    pub assignee: Option<String>,
    /// The user who created it; for an imported issue, the project's owner.
    pub author: String,
    /// When it was created or imported.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed in Testbell.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
    /// When it last changed in the tracker.
    #[serde(serialize_with = "millis")]
    pub tracker_updated_at: Option<DateTime<Utc>>,
    /// When it was last synced with the tracker, by an event or by reading it.
    #[serde(serialize_with = "millis")]
    pub synced_at: Option<DateTime<Utc>>,
    /// Why the last sync failed; null if it didn't.
    pub sync_error: Option<String>,
}

/// A tracker's key without the repository of a GitHub issue: `#12` for `acme/shop#12`. Other keys
/// stay as they are.
#[must_use]
pub fn short_key(key: &str) -> &str {
    match key.rfind('#') {
        Some(at) if key[..at].contains('/') => &key[at..],
        _ => key,
    }
}

/// An issue with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssueDetail {
    /// The issue.
    #[serde(flatten)]
    pub issue: Issue,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// An [`IssueDetail`] as pages get it. What is flattened would need a buffering deserializer in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "see the fields of `IssueDetail`")]
pub struct IssuePage {
    pub issue: Issue,
    pub description_html: String,
}

impl From<IssueDetail> for IssuePage {
    fn from(IssueDetail { issue, description_html }: IssueDetail) -> Self {
        Self { issue, description_html }
    }
}

/// An issue whose key a text mentions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundIssue {
    /// The key as it was looked for, e.g. `#42`.
    pub key: String,
    /// Its ID.
    pub id: IssueId,
    /// Its title.
    pub title: String,
}

/// Creates an issue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateIssue {
    /// 1 to 500 characters.
    pub title: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// The default is `open`.
    pub status: Option<String>,
    /// Whether the status means open or closed. The default is open.
    pub status_kind: Option<StatusKind>,
    /// E.g. `high`.
    pub priority: Option<String>,
    /// E.g. `bug`.
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// At most 50, each up to 100 characters.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The assignee's name.
    pub assignee: Option<String>,
    /// The key in a tracker, for an issue that is only linked.
    pub key: Option<String>,
    /// The page in a tracker; https or http.
    pub url: Option<String>,
}

/// Changes an issue. Absent fields stay; empty texts clear a field. Fields owned by a tracker can't
/// be changed here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateIssue {
    /// See [`CreateIssue::title`].
    pub title: Option<String>,
    /// See [`CreateIssue::description`].
    pub description: Option<String>,
    /// The status label.
    pub status: Option<String>,
    /// Whether the status means open or closed.
    pub status_kind: Option<StatusKind>,
    /// See [`CreateIssue::priority`].
    pub priority: Option<String>,
    /// See [`CreateIssue::issue_type`].
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// See [`CreateIssue::labels`].
    pub labels: Option<Vec<String>>,
    /// See [`CreateIssue::assignee`].
    pub assignee: Option<String>,
    /// See [`CreateIssue::key`].
    pub key: Option<String>,
    /// See [`CreateIssue::url`].
    pub url: Option<String>,
}

/// The filters of a list of issues. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct IssueQuery {
    /// Words in title or key, case-insensitive.
    pub search: Option<String>,
    /// Only `open` or `closed` issues.
    pub status: Option<StatusKind>,
    /// Only with this label.
    pub label: Option<String>,
    /// Only assigned to this name.
    pub assignee: Option<String>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "super::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

impl IssueQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}
