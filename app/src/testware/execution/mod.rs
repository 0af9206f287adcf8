//! What test runs and sessions share: states, results and counts.

pub mod api;
#[cfg(feature = "ssr")]
mod durations;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::id::{IssueId, ResultId};
use crate::model::issue::StatusKind;
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::case::CaseId;
use crate::testware::run::RunId;
use crate::testware::session::SessionId;

string_enum! {
    /// The state of a run or session. Completing it is separate: a run can be done and not
    /// completed, or completed in any state.
    State {
        /// Not started.
        New = "new", "New";
        /// In progress.
        InProgress = "in_progress", "In progress";
        /// Blocked.
        Blocked = "blocked", "Blocked";
        /// Its results are in review.
        InReview = "in_review", "In review";
        /// Done.
        Done = "done", "Done";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for State {
    fn default() -> Self {
        Self::New
    }
}

string_enum! {
    /// The result of a test.
    ResultStatus {
        /// No result yet; never the status of a result.
        Untested = "untested", "Untested";
        /// Passed.
        Passed = "passed", "Passed";
        /// Failed.
        Failed = "failed", "Failed";
        /// Could not be tested.
        Blocked = "blocked", "Blocked";
        /// To be tested again.
        Retest = "retest", "Retest";
        /// Skipped on purpose.
        Skipped = "skipped", "Skipped";
    }
}

/// Counts by status: the cases of a run, or the results of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Without a result.
    pub untested: u32,
    /// Passed.
    pub passed: u32,
    /// Failed.
    pub failed: u32,
    /// Blocked.
    pub blocked: u32,
    /// To be tested again.
    pub retest: u32,
    /// Skipped.
    pub skipped: u32,
}

impl Counts {
    /// The count of a status.
    #[must_use]
    pub const fn for_status(&self, status: ResultStatus) -> u32 {
        match status {
            ResultStatus::Untested => self.untested,
            ResultStatus::Passed => self.passed,
            ResultStatus::Failed => self.failed,
            ResultStatus::Blocked => self.blocked,
            ResultStatus::Retest => self.retest,
            ResultStatus::Skipped => self.skipped,
        }
    }

    /// The count of a status, to change it.
    pub const fn of_mut(&mut self, status: ResultStatus) -> &mut u32 {
        match status {
            ResultStatus::Untested => &mut self.untested,
            ResultStatus::Passed => &mut self.passed,
            ResultStatus::Failed => &mut self.failed,
            ResultStatus::Blocked => &mut self.blocked,
            ResultStatus::Retest => &mut self.retest,
            ResultStatus::Skipped => &mut self.skipped,
        }
    }

    /// The sum of all counts.
    #[must_use]
    pub fn total(&self) -> u32 {
        ResultStatus::ALL.iter().map(|&status| self.for_status(status)).sum()
    }
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
    /// The user who added it.
    pub author: String,
    /// When it was added.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
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

/// The filters of a list of runs or sessions. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct ExecutionQuery {
    /// Words in name or key, case-insensitive.
    pub search: Option<String>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only completed ones, or only open ones.
    pub completed: Option<bool>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod query {
    use super::ExecutionQuery;
    use crate::model::page::PageQuery;
    use crate::testware::item::ItemQuery;
    use crate::testware::subject::ListQuery;

    impl From<ItemQuery> for ExecutionQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, state, completed, limit, cursor, .. } = query;
            Self { search, state, completed, limit, cursor }
        }
    }

    impl ListQuery for ExecutionQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_counts_every_status() {
        let mut counts = Counts::default();
        for &status in ResultStatus::ALL {
            *counts.of_mut(status) += 2;
        }
        assert_eq!(counts.total(), 12);
        assert_eq!(counts.for_status(ResultStatus::Retest), 2);
    }
}
