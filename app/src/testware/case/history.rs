//! The change history of a test case.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::diff::FieldDiff;
use crate::model::id::{UserId, id};
use crate::model::time::millis;

id!(/** A change of a test case. */ CaseVersionId, "cvr");

/// A change of a test case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CaseVersion {
    /// Its ID.
    pub id: CaseVersionId,
    /// Whether it is the creation of the case, which has no changes.
    pub created: bool,
    /// The names of the fields that changed.
    pub changed: Vec<String>,
    /// What changed in them.
    pub changes: Vec<FieldDiff>,
    /// The ID of the user who made the change.
    pub user_id: UserId,
    /// The name of that user.
    pub user: String,
    /// When it was made.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
}
