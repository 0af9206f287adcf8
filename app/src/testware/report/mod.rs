//! Reports of test runs, plans and milestones: their results by time, suite and tester, and the flaky and the slowest
//! cases. All lists are bounded, whatever the number of results.

pub mod api;
pub(crate) mod pages;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::CaseId;
use super::execution::Counts;
use super::suite::SuiteId;
use crate::model::catalog::Subject;
use crate::model::id::{ProjectId, UserId};
use crate::model::item_id::ItemId;
use crate::model::time::millis;

/// The maximum number of parts of the timeline.
pub const MAX_REPORT_PERIODS: u32 = 60;
/// The maximum number of suites and of testers. The others are summed up.
pub const MAX_REPORT_ROWS: u32 = 50;
/// The maximum number of flaky and of slowest cases.
pub const MAX_REPORT_CASES: u32 = 20;

/// The report of a run, plan or milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The run, plan or milestone.
    pub id: ItemId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// When it was completed.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// When the report was made.
    #[serde(serialize_with = "millis")]
    pub generated_at: DateTime<Utc>,
    /// The cases of its runs by the status of their latest result, and the results of its sessions.
    pub progress: Counts,
    /// All its results by status. A case that was tested twice counts twice.
    pub results: Counts,
    /// The length of each part of the timeline in hours: 1 if the results span at most 2 days, otherwise whole days.
    pub period_hours: u32,
    /// The results by time, oldest first, without gaps; at most 60 parts.
    pub timeline: Vec<ReportPeriod>,
    /// The 50 suites with the most cases.
    pub suites: Vec<ReportSuite>,
    /// The cases of all other suites; null if there are none.
    pub other_suites: Option<Counts>,
    /// The 50 users with the most results.
    pub testers: Vec<ReportTester>,
    /// The results of all other users; null if there are none.
    pub other_testers: Option<Counts>,
    /// At most 20 cases whose results here both passed and failed, those with the most contradictory results first.
    pub flaky_cases: Vec<FlakyCase>,
    /// At most 20 cases with the longest average duration.
    pub slowest_cases: Vec<SlowCase>,
}

/// The results of a part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportPeriod {
    /// When it begins, in UTC.
    #[serde(serialize_with = "millis")]
    pub from: DateTime<Utc>,
    /// The results that were added in it, by their present status.
    pub counts: Counts,
}

/// The cases of a suite. Those of its sub-suites count there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportSuite {
    /// The suite; null for the cases without one.
    pub suite_id: Option<SuiteId>,
    /// Its key, e.g. `WEB-U2`.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// Its cases by the status of their latest result. A case counts once for each run.
    pub counts: Counts,
}

/// The results of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ReportTester {
    /// The user, who may have left the project.
    pub user_id: UserId,
    /// The name.
    pub name: String,
    /// The results that the user added, by status.
    pub counts: Counts,
}

/// A case whose results both passed and failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FlakyCase {
    /// The case, which may be deleted.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The number of passed results.
    pub passed: u32,
    /// The number of failed results.
    pub failed: u32,
}

/// A case and how long it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SlowCase {
    /// The case, which may be deleted.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The average duration of its results in seconds, rounded.
    pub average_seconds: u32,
    /// The longest duration in seconds.
    pub longest_seconds: u32,
    /// The number of results with a duration.
    pub results: u32,
}

/// Whether there are reports of a subject.
#[must_use]
pub const fn has_report(subject: Subject) -> bool {
    matches!(subject, Subject::TestRun | Subject::Plan | Subject::Milestone)
}

/// The path of the page of a report.
#[must_use]
pub fn report_path(id: ItemId, project: ProjectId) -> String {
    format!("{}/report", id.path(project))
}
