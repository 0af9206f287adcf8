//! Testware as the pages see it: a case, a run or a session is an item with a key, a title and
//! actions. The API has a model for each subject instead. These types save the browser two
//! deserializers.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use super::catalog::Subject;
use super::id::{CaseId, ParseIdError, ProjectId, RunId, SessionId};
use super::page::Page;
use super::string_enum;
use super::test_case::Priority;
use super::test_run::RunCase;
use super::testware::{Counts, State, TestResult};
use super::time::millis;

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

/// The ID of an item; its prefix names the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemId {
    /// A case.
    Case(CaseId),
    /// A run.
    Run(RunId),
    /// A session.
    Session(SessionId),
}

impl ItemId {
    /// The item's subject.
    #[must_use]
    pub const fn subject(self) -> Subject {
        match self {
            Self::Case(_) => Subject::Case,
            Self::Run(_) => Subject::TestRun,
            Self::Session(_) => Subject::Session,
        }
    }

    /// The UUID.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Case(CaseId(uuid)) | Self::Run(RunId(uuid)) | Self::Session(SessionId(uuid)) => uuid,
        }
    }

    /// The path of its page.
    #[must_use]
    pub fn path(self, project: ProjectId) -> String {
        format!("{}/{self}", self.subject().list_path(project))
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(id) => id.fmt(f),
            Self::Run(id) => id.fmt(f),
            Self::Session(id) => id.fmt(f),
        }
    }
}

impl FromStr for ItemId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('_') {
            Some((RunId::PREFIX, _)) => text.parse().map(Self::Run),
            Some((SessionId::PREFIX, _)) => text.parse().map(Self::Session),
            _ => text.parse().map(Self::Case),
        }
    }
}

impl Serialize for ItemId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ItemId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
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
    /// The priority of a case.
    pub priority: Option<Priority>,
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
    /// See [`PageQuery::limit`](super::page::PageQuery::limit).
    #[serde(deserialize_with = "super::page::limit")]
    pub limit: Option<u32>,
    /// See [`PageQuery::cursor`](super::page::PageQuery::cursor).
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
    /// A page of the cases of a run, in order; `None` for a session.
    pub cases: Page<RunCase>,
    /// A page of its results, newest first.
    pub results: Page<TestResult>,
}

#[cfg(feature = "ssr")]
mod from {
    use super::{Counts, Execution, ItemId, Page, TestwareItem};
    use crate::model::test_case::TestCase;
    use crate::model::test_run::{RunDetail, TestRun};
    use crate::model::test_session::{SessionDetail, TestSession};

    impl From<TestCase> for TestwareItem {
        fn from(case: TestCase) -> Self {
            Self {
                id: ItemId::Case(case.id),
                project_id: case.project_id,
                key: case.key,
                title: case.title,
                priority: Some(case.priority),
                labels: case.labels,
                state: None,
                completed_at: None,
                counts: Counts::default(),
                updated_at: case.updated_at,
            }
        }
    }

    impl From<TestRun> for TestwareItem {
        fn from(run: TestRun) -> Self {
            Self {
                id: ItemId::Run(run.id),
                project_id: run.project_id,
                key: run.key,
                title: run.name,
                priority: None,
                labels: Vec::new(),
                state: Some(run.state),
                completed_at: run.completed_at,
                counts: run.counts,
                updated_at: run.updated_at,
            }
        }
    }

    impl From<TestSession> for TestwareItem {
        fn from(session: TestSession) -> Self {
            Self {
                id: ItemId::Session(session.id),
                project_id: session.project_id,
                key: session.key,
                title: session.name,
                priority: None,
                labels: Vec::new(),
                state: Some(session.state),
                completed_at: session.completed_at,
                counts: session.counts,
                updated_at: session.updated_at,
            }
        }
    }

    impl From<RunDetail> for Execution {
        fn from(RunDetail { run, description_html }: RunDetail) -> Self {
            Self {
                text: run.description.clone(),
                text_html: description_html,
                time_box_minutes: None,
                author: run.author.clone(),
                created_at: run.created_at,
                cases: Page { items: Vec::new(), next_cursor: None, previous_cursor: None },
                results: Page { items: Vec::new(), next_cursor: None, previous_cursor: None },
                item: run.into(),
            }
        }
    }

    impl From<SessionDetail> for Execution {
        fn from(SessionDetail { session, charter_html }: SessionDetail) -> Self {
            Self {
                text: session.charter.clone(),
                text_html: charter_html,
                time_box_minutes: session.time_box_minutes,
                author: session.author.clone(),
                created_at: session.created_at,
                cases: Page { items: Vec::new(), next_cursor: None, previous_cursor: None },
                results: Page { items: Vec::new(), next_cursor: None, previous_cursor: None },
                item: session.into(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_round_trips() {
        let uuid = Uuid::from_u128(7);
        for id in [ItemId::Case(CaseId(uuid)), ItemId::Run(RunId(uuid)), ItemId::Session(SessionId(uuid))] {
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(serde_json::from_value::<ItemId>(serde_json::json!(id)).unwrap(), id);
        }
        assert!("prj_00000000000000000000000007".parse::<ItemId>().is_err());
    }

    #[test]
    fn an_item_page_is_below_its_list() {
        let project = ProjectId(Uuid::from_u128(1));
        let id = RunId(Uuid::from_u128(7));
        assert_eq!(ItemId::Run(id).path(project), format!("/projects/{project}/runs/{id}"));
    }
}
