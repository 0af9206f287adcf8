//! Issues: made here, or mirrored from the project's tracker.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{IssueId, ProjectId};
use super::integration::Provider;
use super::named;
use super::page::PageQuery;

named! {
    /// What a status means, whatever the tracker calls it.
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
    /// Its id.
    pub id: IssueId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// The tracker it mirrors; null for one that was made here.
    pub provider: Option<Provider>,
    /// The tracker's key, such as `acme/checkout#42` or `WEB-7`.
    pub key: Option<String>,
    /// The tracker's page of it.
    pub url: Option<String>,
    /// Its title.
    pub title: String,
    /// Its description as Markdown, as written.
    pub description: String,
    /// The status in the tracker's words.
    pub status: String,
    /// What the status means.
    pub status_kind: StatusKind,
    /// The priority in the tracker's words.
    pub priority: Option<String>,
    /// The type in the tracker's words.
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whom it is assigned to, in the tracker's words.
    pub assignee: Option<String>,
    /// Who made it here; for an imported issue the project's owner.
    pub author: String,
    /// When it was made here or imported.
    pub created_at: DateTime<Utc>,
    /// When it last changed here.
    pub updated_at: DateTime<Utc>,
    /// When it last changed in the tracker.
    pub tracker_updated_at: Option<DateTime<Utc>>,
    /// When it was last brought in line with the tracker, by an event or by reading.
    pub synced_at: Option<DateTime<Utc>>,
    /// Why reading it from the tracker failed; null when it did not.
    pub sync_error: Option<String>,
}

/// An issue with what only its own page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct IssueDetail {
    /// The issue.
    #[serde(flatten)]
    pub issue: Issue,
    /// The description as HTML that is safe to show.
    pub description_html: String,
}

/// Makes an issue here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateIssue {
    /// 1 to 500 characters.
    pub title: String,
    /// Markdown, at most 64 KiB.
    pub description: String,
    /// `open` unless told.
    pub status: Option<String>,
    /// What the status means; open unless told.
    pub status_kind: Option<StatusKind>,
    /// Such as `high`.
    pub priority: Option<String>,
    /// Such as `bug`.
    #[serde(rename = "type")]
    pub issue_type: Option<String>,
    /// At most 50, each up to 100 characters.
    pub labels: Vec<String>,
    /// A name.
    pub assignee: Option<String>,
    /// A key in a tracker, for an issue that is only linked.
    pub key: Option<String>,
    /// A page in a tracker; https or http.
    pub url: Option<String>,
}

/// Changes an issue; what is absent stays, what is an empty text is cleared.
/// An issue that mirrors a tracker takes no changes of what the tracker owns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateIssue {
    /// See [`CreateIssue::title`].
    pub title: Option<String>,
    /// See [`CreateIssue::description`].
    pub description: Option<String>,
    /// The status in words.
    pub status: Option<String>,
    /// What the status means.
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

/// Which issues are asked for. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct IssueQuery {
    /// Words in the title or the key, in upper or lower case of any script.
    pub search: Option<String>,
    /// Only of this meaning: `open` or `closed`.
    pub status: Option<StatusKind>,
    /// Only with this label.
    pub label: Option<String>,
    /// Only assigned to this name.
    pub assignee: Option<String>,
    /// How many items at the most: 1 to 200, 50 unless told. What is beyond a bound is taken as the
    /// bound.
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl IssueQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }

    /// Whether an issue is among those that are asked for, so that a page that shows them can tell
    /// by itself. The server has the last word on the search: it folds by tables of Unicode that
    /// the browser is spared (`ß` is found by `SS`).
    #[must_use]
    pub fn admits(&self, issue: &Issue) -> bool {
        let holds = |text: &str, word: &str| text.to_lowercase().contains(&word.to_lowercase());
        let found = |word| holds(&issue.title, word) || issue.key.iter().any(|key| holds(key, word));
        self.search.iter().flat_map(|search| search.split_whitespace()).all(found)
            && self.status.is_none_or(|status| issue.status_kind == status)
            && self.label.iter().all(|label| issue.labels.contains(label))
            && self.assignee.iter().all(|name| issue.assignee.as_ref() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue() -> Issue {
        let json = serde_json::json!({
            "id": IssueId(uuid::Uuid::from_u128(1)), "projectId": ProjectId(uuid::Uuid::from_u128(2)),
            "key": "acme/checkout#42", "title": "Card is declined twice", "description": "",
            "status": "In review", "statusKind": "open", "labels": ["payments"], "assignee": "ada",
            "author": "Ada", "createdAt": "2026-11-20T14:01:07Z", "updatedAt": "2026-11-20T14:01:07Z",
        });
        serde_json::from_value(json).unwrap()
    }

    fn asked(change: impl FnOnce(&mut IssueQuery)) -> bool {
        let mut query = IssueQuery::default();
        change(&mut query);
        query.admits(&issue())
    }

    #[test]
    fn a_query_admits_what_it_asks_for() {
        assert!(asked(|_| {}));
        assert!(asked(|query| query.search = Some("CARD".into())));
        assert!(asked(|query| query.search = Some("twice  ACME".into())));
        assert!(asked(|query| query.search = Some("checkout#42".into())));
        assert!(asked(|query| query.label = Some("payments".into())));
        assert!(asked(|query| query.assignee = Some("ada".into())));
    }

    #[test]
    fn a_query_refuses_what_it_does_not_ask_for() {
        assert!(!asked(|query| query.search = Some("card refund".into())));
        assert!(!asked(|query| query.status = Some(StatusKind::Closed)));
        assert!(!asked(|query| query.label = Some("pay".into())));
        assert!(!asked(|query| query.assignee = Some("grace".into())));
    }
}
