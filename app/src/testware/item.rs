//! Testware as the pages see it: a case, a run or a session is an item with a key, a title and
//! actions. The API has a model for each subject instead. These types save the browser two
//! deserializers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::{CaseId, CaseState, Priority};
use super::ci_job::CiJobStatus;
use super::execution::{Counts, State};
use super::milestone::MilestoneId;
use super::plan::PlanId;
use super::result::TestResult;
use super::review::ReviewStatus;
use super::run::RunCase;
use super::suite::SuiteId;
use crate::model::id::{ProjectId, UserId};
use crate::model::item_id::ItemId;
use crate::model::page::Page;
use crate::model::string_enum;
use crate::model::time::millis;

string_enum! {
    /// An action on an item.
    ItemAction {
        /// Creates a copy without results.
        Duplicate = "duplicate", "Duplicate";
        /// Creates a copy of a run with its failed cases only.
        DuplicateFailed = "duplicate_failed", "Duplicate with failed cases only";
        /// Completes a run or a session.
        Complete = "complete", "Complete";
        /// Ends a run before it is completed.
        Abort = "abort", "Abort";
        /// Deletes it.
        Delete = "delete", "Delete";
    }
}

string_enum! {
    /// Which cases a copy of a run has.
    CopiedCases {
        /// All of them.
        All = "all", "All";
        /// Those whose latest result is failed.
        Failed = "failed", "Failed";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for CopiedCases {
    fn default() -> Self {
        Self::All
    }
}

/// An item as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestwareItem {
    /// Its ID.
    pub id: ItemId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// The title of a case, the name of a run or session.
    pub title: String,
    /// The suite above a suite.
    pub parent: Option<ItemId>,
    /// The columns that only its subject has, as text.
    pub columns: Vec<String>,
    /// The labels of a case.
    pub labels: Vec<String>,
    /// The state of a run or session.
    pub state: Option<State>,
    /// When a run or session was completed.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether a run was aborted.
    pub aborted: bool,
    /// The results of a run's cases or of a session, counted by status.
    pub counts: Counts,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// The filters of a list of items; each subject uses its own. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemQuery {
    /// Words in title or key, case-insensitive.
    pub search: Option<String>,
    /// Only cases of this priority.
    pub priority: Option<Priority>,
    /// Only cases with this label.
    pub label: Option<String>,
    /// Only cases in this state; active by default.
    pub case_state: Option<CaseState>,
    /// Only cases directly in this suite.
    pub suite: Option<SuiteId>,
    /// Only runs or sessions in this state.
    pub state: Option<State>,
    /// Only CI jobs with this status.
    pub status: Option<CiJobStatus>,
    /// Only runs, sessions or milestones that are completed, or not.
    pub completed: Option<bool>,
    /// Only runs or sessions of this milestone.
    pub milestone: Option<MilestoneId>,
    /// Only runs of this plan.
    pub plan: Option<PlanId>,
    /// Only reviews with this status.
    pub review_status: Option<ReviewStatus>,
    /// Only reviews of this case.
    pub case: Option<CaseId>,
    /// Only reviews with this reviewer.
    pub reviewer: Option<UserId>,
    /// Only reviews whose author or reviewer the caller is.
    pub mine: Option<bool>,
    /// See [`PageQuery::limit`](crate::model::page::PageQuery::limit).
    #[serde(deserialize_with = "crate::model::page::limit")]
    pub limit: Option<u32>,
    /// See [`PageQuery::cursor`](crate::model::page::PageQuery::cursor).
    pub cursor: Option<String>,
}

/// A run or a session with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The run or session.
    pub item: TestwareItem,
    /// The description of a run or the charter of a session: Markdown.
    pub text: String,
    /// The same as sanitized HTML.
    pub text_html: String,
    /// The planned duration of a session in minutes.
    pub time_box_minutes: Option<u32>,
    /// The timer of a session.
    pub timer: Option<Timer>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// The milestone it belongs to.
    pub milestone_id: Option<MilestoneId>,
    /// The same with its name, on the page of the run or session.
    pub milestone: Option<TestwareItem>,
    /// The plan that a run belongs to.
    pub plan_id: Option<PlanId>,
    /// The same with its name, on the page of the run.
    pub plan: Option<TestwareItem>,
    /// The public link of a run, on its page.
    pub public_url: Option<String>,
    /// The active members of the project, on the page of an open run: whom its cases can be assigned to. At most 200, by
    /// name.
    pub members: Vec<(UserId, String)>,
    /// A page of the cases of a run, in order; empty for a session.
    pub cases: Page<RunCase>,
    /// A page of its results, newest first.
    pub results: Page<TestResult>,
}

/// The timer of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// The seconds on it when it was last stopped.
    pub elapsed_seconds: u32,
    /// When it was started; `None` while it is stopped.
    #[serde(serialize_with = "millis")]
    pub started_at: Option<DateTime<Utc>>,
}

/// The fields of the form of a run or session. Each subject uses its own; absent ones stay.
#[cfg(feature = "ssr")]
#[derive(Default)]
pub struct ExecutionFields {
    /// The name.
    pub name: Option<String>,
    /// The description of a run or the charter of a session.
    pub text: Option<String>,
    /// The planned duration of a session; 0 removes it.
    pub time_box_minutes: Option<u32>,
    /// The ID of the milestone; an empty text removes it.
    pub milestone: Option<String>,
    /// The ID of the plan of a run; an empty text removes it.
    pub plan: Option<String>,
    /// The state.
    pub state: Option<State>,
    /// The cases of a run.
    pub case_ids: Option<Vec<CaseId>>,
    /// The ID of a suite whose cases a new run gets, too.
    pub suite: Option<String>,
}
