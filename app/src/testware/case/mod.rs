//! Test cases: what to test and how.

pub mod api;
pub mod bulk;
mod content;
pub mod diff;
pub mod history;
pub(crate) mod pages;
#[cfg(feature = "ssr")]
pub(crate) mod payload;

use chrono::{DateTime, Utc};
pub use content::CaseContent;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::model::catalog::payload::Payload;
use crate::model::catalog::{CatalogSubject, Subject, SubjectSpec};
use crate::model::icon::Icon;
use crate::model::id::{ProjectId, id};
use crate::model::string_enum;
use crate::model::time::millis;
use crate::testware::custom_field::{CustomValues, FieldChoices, FieldValue};
use crate::testware::item::TestwareItem;
use crate::testware::shared_step::{SharedStep, SharedStepId};
use crate::testware::suite::SuiteId;

id!(/** A test case. */ CaseId, "cas");

impl CatalogSubject for TestCase {
    const SUBJECT: Subject = Subject::Case;
    const SPEC: SubjectSpec = SubjectSpec {
        noun: "case",
        headline: "Test case",
        path: "cases",
        id_prefix: CaseId::PREFIX,
        key_letter: 'C',
        icon: Icon::Case,
        param: "case",
        lead: "What to test and how.",
        first_step: "Describe what to do and what to expect, step by step. Then add the case to a test run.",
        completion: None,
        abort: None,
        deletion: "Test runs that include it keep it and its results. This can't be undone.",
    };
    #[cfg(feature = "ssr")]
    const PAYLOAD: Payload = payload::PAYLOAD;
    type Id = CaseId;
}

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

string_enum! {
    /// Whether a test case is in use.
    CaseState {
        /// It can be added to runs. The default.
        Active = "active", "Active";
        /// It is kept for the runs that include it. Lists leave it out, and no run can add it.
        Archived = "archived", "Archived";
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for CaseState {
    fn default() -> Self {
        Self::Active
    }
}

#[allow(clippy::derivable_impls, reason = "string_enum! derives no default")]
impl Default for Priority {
    fn default() -> Self {
        Self::Medium
    }
}

/// A test case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The suite it is in.
    pub suite_id: Option<SuiteId>,
    /// The priority.
    pub priority: Priority,
    /// Its labels.
    pub labels: Vec<String>,
    /// Whether it is in use.
    pub state: CaseState,
    /// The automated tests that test it, by the names that their reports use.
    pub automation_links: Vec<String>,
    /// The custom fields that have a value.
    pub custom_fields: Vec<FieldValue>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// A test case with what its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseOverview {
    /// The case.
    pub case: TestCase,
    /// The suite it is in.
    pub suite: Option<TestwareItem>,
    /// Those that its steps refer to.
    pub shared_steps: Vec<SharedStep>,
    /// What its form needs to show the custom fields.
    pub choices: FieldChoices,
    /// Its latest reviews, at most 20, newest first.
    pub reviews: Vec<TestwareItem>,
}

/// One step of a test case, or a reference to a shared step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    /// The action; at most 4,000 characters.
    pub action: String,
    /// The expected result; at most 4,000 characters.
    pub expected: String,
    /// A shared step of the project, whose steps belong here. Action and expected result are then empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_step_id: Option<SharedStepId>,
}

impl Step {
    /// Whether it has neither a text nor a shared step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shared_step_id.is_none() && self.action.trim().is_empty() && self.expected.trim().is_empty()
    }
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
    /// At most 100; a shared step counts as one.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// A suite of the project.
    pub suite_id: Option<SuiteId>,
    /// The default is medium.
    pub priority: Option<Priority>,
    /// At most 50, each up to 100 characters.
    #[serde(default)]
    pub labels: Vec<String>,
    /// At most 20, each up to 500 characters. No other case of the project may have them.
    #[serde(default)]
    pub automation_links: Vec<String>,
    /// Values by the ID of the custom field.
    #[serde(default)]
    #[cfg_attr(feature = "ssr", schema(value_type = std::collections::HashMap<String, serde_json::Value>))]
    pub custom_fields: CustomValues,
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
    /// A suite of the project; an empty text removes it.
    pub suite_id: Option<String>,
    /// See [`CreateCase::priority`].
    pub priority: Option<Priority>,
    /// See [`CreateCase::labels`].
    pub labels: Option<Vec<String>>,
    /// Archives or reactivates it; emits `case.state_changed`.
    pub state: Option<CaseState>,
    /// The complete new list; see [`CreateCase::automation_links`]. Emits `case.automation_links_changed`.
    pub automation_links: Option<Vec<String>>,
    /// Values by the ID of the custom field; null removes one. Absent ones stay.
    #[cfg_attr(feature = "ssr", schema(value_type = std::collections::HashMap<String, serde_json::Value>))]
    pub custom_fields: CustomValues,
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
    /// Only directly in this suite.
    pub suite: Option<SuiteId>,
    /// Only those that use this shared step.
    pub shared_step: Option<SharedStepId>,
    /// Only in this state; active by default.
    pub state: Option<CaseState>,
    /// Only the case with this automation link, in any state.
    pub automation_link: Option<String>,
    /// Maximum number of items: 1 to 200; 50 by default.
    #[serde(deserialize_with = "crate::model::page::limit")]
    #[cfg_attr(feature = "ssr", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u32>,
    /// The `nextCursor` of the previous page.
    pub cursor: Option<String>,
}

#[cfg(feature = "ssr")]
mod subject {
    use super::{CaseQuery, CreateCase, TestCase, UpdateCase};
    use crate::model::page::PageQuery;
    use crate::testware::execution::Counts;
    use crate::testware::item::{ItemQuery, TestwareItem};
    use crate::testware::subject::{ListQuery, TestwareSubject};

    impl TestwareSubject for TestCase {
        type Create = CreateCase;
        type Update = UpdateCase;
        type Query = CaseQuery;
        type Detail = Self;
    }

    impl From<CreateCase> for UpdateCase {
        fn from(new: CreateCase) -> Self {
            Self {
                title: Some(new.title),
                preconditions: Some(new.preconditions),
                steps: Some(new.steps),
                suite_id: new.suite_id.map(|id| id.to_string()),
                priority: new.priority,
                labels: Some(new.labels),
                state: None,
                automation_links: Some(new.automation_links),
                custom_fields: new.custom_fields,
            }
        }
    }

    impl From<ItemQuery> for CaseQuery {
        fn from(query: ItemQuery) -> Self {
            let ItemQuery { search, priority, label, case_state, suite, limit, cursor, .. } = query;
            Self {
                search,
                priority,
                label,
                suite,
                shared_step: None,
                state: case_state,
                automation_link: None,
                limit,
                cursor,
            }
        }
    }

    impl ListQuery for CaseQuery {
        fn page(&self) -> PageQuery {
            PageQuery { limit: self.limit, cursor: self.cursor.clone() }
        }

        fn search(&self) -> Option<&str> {
            self.search.as_deref()
        }
    }

    impl From<TestCase> for TestwareItem {
        fn from(case: TestCase) -> Self {
            Self {
                id: case.id.into(),
                project_id: case.project_id,
                key: case.key,
                title: case.title,
                parent: None,
                columns: vec![case.priority.label().to_owned()],
                labels: case.labels,
                state: None,
                completed_at: None,
                aborted: false,
                counts: Counts::default(),
                updated_at: case.updated_at,
            }
        }
    }
}
