//! Projects, cases, runs and results.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::api_enum;

api_enum! {
    /// What a user may do in a project.
    Role {
        /// Reads and writes testware.
        Member = "member";
        /// Also manages webhooks, members and settings.
        Admin = "admin";
    }
}

api_enum! {
    /// The priority of a test case.
    Priority {
        /// Tested if there is time.
        Low = "low";
        /// The default.
        Medium = "medium";
        /// Tested early.
        High = "high";
        /// Blocks a release.
        Critical = "critical";
    }
}

api_enum! {
    /// Whether a test case is in use.
    CaseState {
        /// It can be added to runs.
        Active = "active";
        /// It is kept for the runs that include it.
        Archived = "archived";
    }
}

api_enum! {
    /// The state of a run.
    RunState {
        /// Not started.
        New = "new";
        /// In progress.
        InProgress = "in_progress";
        /// Blocked.
        Blocked = "blocked";
        /// Its results are in review.
        InReview = "in_review";
        /// Done.
        Done = "done";
    }
}

api_enum! {
    /// The result of a test.
    ResultStatus {
        /// No result yet; never the status of a result.
        Untested = "untested";
        /// Passed.
        Passed = "passed";
        /// Failed.
        Failed = "failed";
        /// Could not be tested.
        Blocked = "blocked";
        /// To be tested again.
        Retest = "retest";
        /// Skipped on purpose.
        Skipped = "skipped";
    }
}

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Project {
    /// Its ID.
    pub id: String,
    /// Its short key, e.g. `WEB`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The role of the token's owner.
    pub role: Role,
    /// When it was created.
    pub created_at: DateTime<Utc>,
}

/// A step of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The action.
    #[serde(default)]
    pub action: String,
    /// The expected result.
    #[serde(default)]
    pub expected: String,
    /// A shared step. Action and expected result are then empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_step_id: Option<String>,
}

/// A test case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TestCase {
    /// Its ID.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its key, e.g. `WEB-C12`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The preconditions, as plain text.
    pub preconditions: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The suite it is in.
    pub suite_id: Option<String>,
    /// The priority.
    pub priority: Priority,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is in use.
    pub state: CaseState,
    /// The automated tests that test it.
    pub automation_links: Vec<String>,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// Creates a test case.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateCase {
    /// 1 to 500 characters.
    pub title: String,
    /// Plain text, at most 64 KiB.
    pub preconditions: String,
    /// At most 100.
    pub steps: Vec<Step>,
    /// A suite of the project.
    pub suite_id: Option<String>,
    /// Medium by default.
    pub priority: Option<Priority>,
    /// At most 50, each up to 100 characters.
    pub labels: Vec<String>,
    /// At most 20, each up to 500 characters. No other case of the project may have them.
    pub automation_links: Vec<String>,
}

impl CreateCase {
    /// A case with nothing but a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// Changes a test case. What is `None` stays.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "see `CreateCase`")]
pub struct UpdateCase {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preconditions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Step>>,
    /// A suite of the project; an empty text removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suite_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Archives or reactivates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<CaseState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation_links: Option<Vec<String>>,
}

/// Counts by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
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

/// A test run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TestRun {
    /// Its ID.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// The milestone it belongs to.
    pub milestone_id: Option<String>,
    /// The test plan it belongs to.
    pub plan_id: Option<String>,
    /// The state.
    pub state: RunState,
    /// When it was completed and became read-only.
    pub completed_at: Option<DateTime<Utc>>,
    /// Whether it ended before it was completed.
    pub aborted: bool,
    /// Its cases, by the status of their latest result.
    pub counts: Counts,
}

/// Creates a test run.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRun {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    pub description: String,
    /// An open milestone of the project.
    pub milestone_id: Option<String>,
    /// An open test plan of the project.
    pub plan_id: Option<String>,
    /// At most 500 cases of the project, in order.
    pub case_ids: Vec<String>,
    /// Suites whose active cases, with those of the suites below, follow `case_ids`.
    pub suite_ids: Vec<String>,
}

impl CreateRun {
    /// A run of these cases.
    pub fn new(name: impl Into<String>, case_ids: impl IntoIterator<Item = String>) -> Self {
        Self { name: name.into(), case_ids: case_ids.into_iter().collect(), ..Self::default() }
    }
}

/// Adds a result to a run that is not completed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AddResult {
    /// A case of the run.
    pub case_id: String,
    /// The status; not untested.
    pub status: ResultStatus,
    /// Markdown, at most 64 KiB.
    pub comment: String,
    /// The duration of the test in seconds; at most 10,000,000.
    pub elapsed_seconds: Option<u32>,
    /// At most 20 issues of the project.
    pub issue_ids: Vec<String>,
}

impl AddResult {
    /// A result without a comment.
    pub fn new(case_id: impl Into<String>, status: ResultStatus) -> Self {
        Self { case_id: case_id.into(), status, comment: String::new(), elapsed_seconds: None, issue_ids: Vec::new() }
    }
}

/// Results that were added at once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Submission {
    /// The ID in its event, `execution.completed`.
    pub id: String,
    /// The IDs of the results, in their order.
    pub result_ids: Vec<String>,
    /// The results by status.
    pub counts: Counts,
}
