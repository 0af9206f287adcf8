//! The difference between two contents of a test case, as the server computes it and the pages show it.

use serde::{Deserialize, Serialize};

use crate::model::string_enum;

string_enum! {
    /// Whether a part of a value is in both versions.
    DiffKind {
        /// It is in both versions.
        Same = "same", "Unchanged";
        /// It is only in the new version.
        Added = "added", "Added";
        /// It is only in the old version.
        Removed = "removed", "Removed";
    }
}

string_enum! {
    /// What happened to a step.
    StepChange {
        /// Its action or its expected result changed.
        Changed = "changed", "Changed";
        /// It is new.
        Added = "added", "Added";
        /// It was removed.
        Removed = "removed", "Removed";
    }
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DiffPart {
    /// Whether both versions have it.
    pub kind: DiffKind,
    /// Its text.
    pub text: String,
}

/// A step that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StepDiff {
    /// What happened to it.
    pub change: StepChange,
    /// Its number before, from 1; null if it is new.
    pub number_before: Option<u32>,
    /// Its number after, from 1; null if it was removed.
    pub number_after: Option<u32>,
    /// The parts of its action.
    pub action: Vec<DiffPart>,
    /// The parts of its expected result.
    pub expected: Vec<DiffPart>,
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FieldDiff {
    /// Its name in the API, e.g. `preconditions`.
    pub field: String,
    /// The parts of a text in their order; of a list such as `labels`, its values. Empty for `steps`.
    pub parts: Vec<DiffPart>,
    /// The steps that differ, in their order; only of the field `steps`.
    pub steps: Vec<StepDiff>,
}
