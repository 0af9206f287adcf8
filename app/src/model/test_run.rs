//! Test runs: a set of cases and their results.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{CaseId, ProjectId, RunId};
use super::test_case::Priority;
use super::testware::{Counts, ResultStatus, State};
use super::time::millis;

/// The maximum number of cases in a run.
pub const CASES_MAX: usize = 500;

/// A test run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestRun {
    /// Its ID.
    pub id: RunId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The description as Markdown.
    pub description: String,
    /// The state.
    pub state: State,
    /// When it was completed and became read-only.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// Its cases, counted by the status of their latest result.
    pub counts: Counts,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed; adding a result is a change.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A run with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: TestRun,
    /// The description as sanitized HTML.
    pub description_html: String,
}

/// A case in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RunCase {
    /// The case, which may be deleted.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The priority.
    pub priority: Priority,
    /// The status of its latest result in this run.
    pub status: ResultStatus,
}

/// Creates a test run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateRun {
    /// 1 to 100 characters.
    pub name: String,
    /// Markdown, at most 64 KiB.
    #[serde(default)]
    pub description: String,
    /// At most 500 cases of the project, in order.
    #[serde(default)]
    pub case_ids: Vec<CaseId>,
}

/// Changes a run that is not completed. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateRun {
    /// See [`CreateRun::name`].
    pub name: Option<String>,
    /// See [`CreateRun::description`].
    pub description: Option<String>,
    /// The new state; emits `test_run.state_changed`.
    pub state: Option<State>,
    /// The complete new list. A case with results can't be removed.
    pub case_ids: Option<Vec<CaseId>>,
}
