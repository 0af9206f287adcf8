//! Testware as the pages see it: a case, a run or a session is an item with a key, a title and
//! actions. The API has a model for each subject instead. These types save the browser two
//! deserializers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case::Priority;
use super::execution::{Counts, State, TestResult};
use super::run::RunCase;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::model::page::Page;
use crate::model::string_enum;
use crate::model::time::millis;
#[cfg(feature = "ssr")]
use crate::testware::case::CaseId;

string_enum! {
    /// An action on an item.
    ItemAction {
        /// Creates a copy without results.
        Duplicate = "duplicate", "Duplicate";
        /// Completes a run or a session.
        Complete = "complete", "Complete";
        /// Deletes it.
        Delete = "delete", "Delete";
    }
}

/// An item as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestwareItem {
    /// Its ID.
    pub id: ItemId,
    /// The project it belongs to.
    pub project_id: ProjectId,
    /// Its key, e.g. `WEB-R3`.
    pub key: String,
    /// The title of a case, the name of a run or session.
    pub title: String,
    /// The columns that only its subject has, as text.
    pub columns: Vec<String>,
    /// The labels of a case.
    pub labels: Vec<String>,
    /// The state of a run or session.
    pub state: Option<State>,
    /// When a run or session was completed.
    #[serde(serialize_with = "millis")]
    pub completed_at: Option<DateTime<Utc>>,
    /// The results of a run's cases or of a session, counted by status.
    pub counts: Counts,
    /// When it last changed.
    #[serde(serialize_with = "millis")]
    pub updated_at: DateTime<Utc>,
}

/// The filters of a list of items; each subject uses its own. Newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemQuery {
    /// Words in title or key, case-insensitive.
    pub search: Option<String>,
    /// Only cases of this priority.
    pub priority: Option<Priority>,
    /// Only cases with this label.
    pub label: Option<String>,
    /// Only runs or sessions in this state.
    pub state: Option<State>,
    /// Only runs or sessions that are completed, or not.
    pub completed: Option<bool>,
    /// See [`PageQuery::limit`](crate::model::page::PageQuery::limit).
    #[serde(deserialize_with = "crate::model::page::limit")]
    pub limit: Option<u32>,
    /// See [`PageQuery::cursor`](crate::model::page::PageQuery::cursor).
    pub cursor: Option<String>,
}

/// A run or a session with the details of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The run or session.
    pub item: TestwareItem,
    /// The description of a run or the charter of a session: Markdown.
    pub text: String,
    /// The same as sanitized HTML.
    pub text_html: String,
    /// The planned duration of a session in minutes.
    pub time_box_minutes: Option<u32>,
    /// The user who created it.
    pub author: String,
    /// When it was created.
    #[serde(serialize_with = "millis")]
    pub created_at: DateTime<Utc>,
    /// A page of the cases of a run, in order; empty for a session.
    pub cases: Page<RunCase>,
    /// A page of its results, newest first.
    pub results: Page<TestResult>,
}

/// The fields of the form of a run or session. Each subject uses its own; absent ones stay.
#[cfg(feature = "ssr")]
#[derive(Default)]
pub struct ExecutionFields {
    /// The name.
    pub name: Option<String>,
    /// The description of a run or the charter of a session.
    pub text: Option<String>,
    /// The planned duration of a session; 0 removes it.
    pub time_box_minutes: Option<u32>,
    /// The state.
    pub state: Option<State>,
    /// The cases of a run.
    pub case_ids: Option<Vec<CaseId>>,
}
