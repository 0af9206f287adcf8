//! The results of a run's cases and of sessions.

pub mod api;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{IssueId, ResultId};
use crate::model::issue::StatusKind;
use crate::model::time::millis;
use crate::testware::attachment::Attachment;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;
use crate::testware::run::RunId;
use crate::testware::session::SessionId;

impl CatalogSubject for TestResult {
    const SUBJECT: Subject = Subject::Result;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "result",
        headline: "Result",
        path: "results",
        id_prefix: ResultId::PREFIX,
        key_letter: 'E',
        icon: Icon::Check,
        param: "result",
        lead: "The results of test runs and sessions.",
        first_step: "Add a result on the page of a test run or session.",
        completion: None,
        abort: None,
        deletion: "Its comment, its attachments and its links to issues are deleted with it. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = ResultId;
}

/// A result of a run's case or of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// Its ID.
    pub id: ResultId,
    /// The run it belongs to; null for a session's.
    pub run_id: Option<RunId>,
    /// The session it belongs to; null for a run's.
    pub session_id: Option<SessionId>,
    /// The key of the run or session.
    pub parent_key: String,
    /// The case that was tested; null for a session's.
    pub case_id: Option<CaseId>,
    /// The case's key.
    pub case_key: Option<String>,
    /// The case's title.
    pub case_title: Option<String>,
    /// The status; never untested.
    pub status: ResultStatus,
    /// Markdown.
    pub comment: String,
    /// The comment as sanitized HTML.
    pub comment_html: String,
    /// The duration of the test in seconds.
    pub elapsed_seconds: Option<u32>,
    /// The linked issues.
    pub issues: Vec<LinkedIssue>,
    /// The attached files, at most 10, oldest first.
    pub attachments: Vec<Attachment>,
    /// The user who added it.
    pub author: String,
    /// When it was added.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// An issue linked to a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkedIssue {
    /// Its ID.
    pub id: IssueId,
    /// The tracker's key.
    pub key: Option<String>,
    /// Its title.
    pub title: String,
    /// The tracker's name of the status.
    pub status: String,
    /// Whether the status means open or closed.
    pub status_kind: StatusKind,
    /// The tracker's page of it.
    pub url: Option<String>,
}

/// The maximum duration of a test in seconds.
pub const MAX_ELAPSED_SECONDS: u32 = 10_000_000;

/// Adds a result to a run or session that is not completed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AddResult {
    /// A case of the run; required for a run, absent for a session.
    #[serde(default)]
    pub case_id: Option<CaseId>,
    /// The status; not untested.
    pub status: ResultStatus,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub comment: String,
    /// The duration of the test in seconds; at most 10,000,000.
    #[serde(default)]
    pub elapsed_seconds: Option<u32>,
    /// At most 20 issues of the project.
    #[serde(default)]
    pub issue_ids: Vec<IssueId>,
}

/// Changes a result of a run or session that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateResult {
    /// The status; not untested.
    pub status: Option<ResultStatus>,
    /// See [`AddResult::comment`].
    pub comment: Option<String>,
    /// See [`AddResult::elapsed_seconds`]; 0 removes it.
    pub elapsed_seconds: Option<u32>,
    /// The complete new list; see [`AddResult::issue_ids`]. New ones emit `result.issue_linked`.
    pub issue_ids: Option<Vec<IssueId>>,
}

/// The maximum number of results that are added at once.
pub const MAX_RESULTS_AT_ONCE: usize = 1000;
