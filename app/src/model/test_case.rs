//! Test cases: what to test and how.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{CaseId, ProjectId};
use super::page::PageQuery;
use super::string_enum;
use super::time::millis;

string_enum! {
    /// The priority of a test case.
    Priority {
        /// Tested if there is time.
        Low = "low", "Low";
        /// The default.
        Medium = "medium", "Medium";
        /// Tested early.
        High = "high", "High";
        /// Blocks a release.
        Critical = "critical", "Critical";
    }
}

/// A test case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TestCase {
    /// Its ID.
    pub id: CaseId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-C12`.
    pub key: String,
    /// Its title.
    pub title: String,
    /// The preconditions, as plain text.
    pub preconditions: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The priority.
    pub priority: Priority,
    /// Its labels.
    pub labels: Vec<String>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// One step of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    /// The action; at most 4,000 characters.
    pub action: String,
    /// The expected result; at most 4,000 characters.
    pub expected: String,
}

/// Creates a test case.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CreateCase {
    /// 1 to 500 characters.
    pub title: String,
    /// Plain text, at most 64 KiB.
    #[serde(default)]
    pub preconditions: String,
    /// At most 100.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The default is medium.
    pub priority: Option<Priority>,
    /// At most 50, each up to 100 characters.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// Changes a test case. Absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct UpdateCase {
    /// See [`CreateCase::title`].
    pub title: Option<String>,
    /// See [`CreateCase::preconditions`].
    pub preconditions: Option<String>,
    /// The complete new list; see [`CreateCase::steps`].
    pub steps: Option<Vec<Step>>,
    /// See [`CreateCase::priority`].
    pub priority: Option<Priority>,
    /// See [`CreateCase::labels`].
    pub labels: Option<Vec<String>>,
}

/// The filters of a list of test cases. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(rename_all = "camelCase", default)]
pub struct CaseQuery {
    /// Words in title or key, case-insensitive.
    pub search: Option<String>,
    /// Only with this priority.
    pub priority: Option<Priority>,
    /// Only with this label.
    pub label: Option<String>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "super::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

impl CaseQuery {
    /// The part that names the page.
    #[must_use]
    pub fn page(&self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor.clone() }
    }
}
