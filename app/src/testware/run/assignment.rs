//! Who tests the cases of a run.

use serde::{Deserialize, Serialize};

use super::RunId;
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;

/// The statuses of a case that is still to be tested.
pub const UNFINISHED: [ResultStatus; 2] = [ResultStatus::Untested, ResultStatus::Retest];

/// Assigns cases of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssignCases {
    /// An active member of the project; an empty text removes the assignment.
    pub assignee_id: String,
    /// Cases of the run, at most 500. If absent, all that are untested or to be tested again.
    #[serde(default)]
    pub case_ids: Option<Vec<CaseId>>,
}

/// What an assignment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AssignedCases {
    /// The number of cases that were assigned to somebody else, or to nobody, before.
    pub changed: u32,
}

/// A case of an open run that its assignee has not finished, as the dashboard shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedCase {
    /// The case.
    pub case_id: CaseId,
    /// Its key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Untested or to be tested again.
    pub status: ResultStatus,
    /// The run.
    pub run_id: RunId,
    /// The run's key.
    pub run_key: String,
    /// The run's name.
    pub run_name: String,
}
