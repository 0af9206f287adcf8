//! Automation runs and CI jobs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Counts, api_enum};

/// The results of automated tests, as a tool reported them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AutomationRun {
    /// Its ID.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its key, e.g. `WEB-A7`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The page of the build.
    pub url: Option<String>,
    /// Its results by status.
    pub counts: Counts,
    /// The sum of the durations of its tests in milliseconds.
    pub duration_ms: u64,
    /// The number of cases that were created for its tests.
    pub created_cases: u32,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
}

/// What to do with a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportOptions {
    /// The name of the run, 1 to 100 characters. By default, the format of the report.
    pub name: Option<String>,
    /// The page of the build: an http or https URL.
    pub url: Option<String>,
    /// Whether a case is created for each test that no case is linked to; not by default.
    pub create_cases: bool,
    /// Whether the run is completed, which is the default. If not, further reports can be added.
    pub complete: bool,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self { name: None, url: None, create_cases: false, complete: true }
    }
}

api_enum! {
    /// The status of a CI job.
    CiJobStatus {
        /// It waits for the CI system.
        Queued = "queued";
        /// The CI system has started it.
        Running = "running";
        /// It is completed, and everything passed.
        Passed = "passed";
        /// It is completed, and something failed.
        Failed = "failed";
        /// It is completed, because somebody stopped it.
        Cancelled = "cancelled";
    }
}

api_enum! {
    /// The outcome of a completed CI job.
    CiJobOutcome {
        /// Everything passed.
        Passed = "passed";
        /// Something failed.
        Failed = "failed";
        /// Somebody stopped it, or it never ran.
        Cancelled = "cancelled";
    }
}

/// A CI job.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CiJob {
    /// Its ID.
    pub id: String,
    /// Its project.
    pub project_id: String,
    /// Its key, e.g. `WEB-J4`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The branch; may be empty.
    pub branch: String,
    /// The commit; may be empty.
    pub commit: String,
    /// The page of the job in the CI system.
    pub url: Option<String>,
    /// The parameters, by name.
    pub parameters: BTreeMap<String, String>,
    /// The status.
    pub status: CiJobStatus,
    /// The automation run with its results.
    pub automation_run_id: Option<String>,
    /// When it was queued.
    pub queued_at: DateTime<Utc>,
    /// When it was completed and became read-only.
    pub completed_at: Option<DateTime<Utc>>,
}

/// Queues a CI job.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateCiJob {
    /// 1 to 100 characters.
    pub name: String,
    /// At most 255 characters.
    pub branch: String,
    /// At most 100 characters.
    pub commit: String,
    /// The page of the job in the CI system.
    pub url: Option<String>,
    /// At most 20 parameters, by name.
    pub parameters: BTreeMap<String, String>,
}

/// What the CI system says about a job. What is `None` stays.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "see `CreateCiJob`")]
pub struct UpdateCiJob {
    /// [`CiJobStatus::Running`], once the CI system has started it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<CiJobStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// An empty text removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Completes a CI job.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CompleteCiJob {
    /// The outcome.
    pub outcome: CiJobOutcome,
    /// The page of the job in the CI system. `None`: it stays.
    pub url: Option<String>,
    /// The automation run with its results.
    pub automation_run_id: Option<String>,
}
