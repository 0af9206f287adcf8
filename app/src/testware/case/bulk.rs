//! Changes of several test cases at once.

use serde::{Deserialize, Serialize};

use super::{CaseId, CaseState, Priority};
use crate::testware::custom_field::CustomValues;

/// The maximum number of cases in one request.
pub const MAX_BULK_CASES: usize = 500;

/// What a form sends instead of a suite to keep the suite of each case.
pub const KEEP: &str = "keep";

/// Changes several test cases, all or none. Absent fields stay.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UpdateCases {
    /// 1 to 500 IDs of cases of the project. Repeated ones count once.
    pub ids: Vec<CaseId>,
    /// A suite of the project; an empty text removes it.
    pub suite_id: Option<String>,
    /// The priority.
    pub priority: Option<Priority>,
    /// Archives or reactivates them; emits `case.state_changed`.
    pub state: Option<CaseState>,
    /// The complete new list, before labels are added and removed.
    pub labels: Option<Vec<String>>,
    /// Labels to add. A case has at most 50, each up to 100 characters.
    #[serde(default)]
    pub add_labels: Vec<String>,
    /// Labels to remove from the cases that have them.
    #[serde(default)]
    pub remove_labels: Vec<String>,
    /// Values by the ID of the custom field; null removes one. Absent ones stay.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = std::collections::HashMap<String, serde_json::Value>))]
    pub custom_fields: CustomValues,
}

/// The result of a change of several test cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ChangedCases {
    /// How many changed.
    pub changed: u32,
    /// How many had these values before.
    pub unchanged: u32,
}

/// Deletes several test cases, all or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeleteCases {
    /// 1 to 500 IDs of cases of the project. Repeated ones count once.
    pub ids: Vec<CaseId>,
}

/// The deleted test cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeletedCases {
    /// How many were deleted.
    pub deleted: u32,
}
