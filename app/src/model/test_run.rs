//! Test runs: cases that are tested together, and what they came to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{CaseId, ProjectId, RunId};
use super::test_case::Priority;
use super::testware::{Counts, ResultStatus, State};

/// The most cases of one run.
pub const CASES_MAX: usize = 500;

/// A test run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestRun {
    /// Its id.
    pub id: RunId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// What people call it, such as `WEB-R3`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Plain text.
    pub description: String,
    /// Where the work on it stands.
    pub state: State,
    /// When it was completed; then it takes no more changes.
    pub completed_at: Option<DateTime<Utc>>,
    /// Its cases by the status of their latest result.
    pub counts: Counts,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed; a result is a change.
    pub updated_at: DateTime<Utc>,
}

/// A case within a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunCase {
    /// The case; it may have been deleted since.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// How much depends on it.
    pub priority: Priority,
    /// The status of its latest result in this run.
    pub status: ResultStatus,
}

/// Makes a test run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct CreateRun {
    /// 1 to 100 characters.
    pub name: String,
    /// Plain text, at most 64 KiB.
    pub description: String,
    /// At most 500 cases of the project, in order.
    pub case_ids: Vec<CaseId>,
}

/// Changes a run that is not completed; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateRun {
    /// See [`CreateRun::name`].
    pub name: Option<String>,
    /// See [`CreateRun::description`].
    pub description: Option<String>,
    /// Moves it to another state; emits `test_run.state_changed`.
    pub state: Option<State>,
    /// The whole new list; a case with results stays in the run.
    pub case_ids: Option<Vec<CaseId>>,
}
