//! What becomes of runs and sessions alike, and how their events tell it.

use app::model::catalog::{EventType, Subject};
use app::model::id::ProjectId;
use app::model::testware::{LinkedIssue, State, TestResult};
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::service::issue_view;
use crate::service::text;

/// The most bytes of a tracker's address in a result's event, as JSON: a longer one is left out, so that
/// twenty of them keep within an envelope.
const URL_MAX: usize = 250;

/// What became of a run or a session.
pub enum WorkEvent<'a> {
    /// It was made.
    Created,
    /// These fields of it changed.
    Updated(&'a [&'static str]),
    /// It was deleted.
    Deleted,
    /// It moved on from this state.
    StateChanged(State),
    /// It was completed.
    Completed,
    /// It was made as a copy of what is described here by id, key and name.
    Duplicated(Value),
    /// It got this result.
    ResultAdded(&'a TestResult),
}

impl WorkEvent<'_> {
    /// The event of a run; of a session for [`Subject::Session`].
    #[must_use]
    pub const fn event(&self, subject: Subject) -> EventType {
        let (run, session) = match self {
            Self::Created => (EventType::TestRunCreated, EventType::SessionCreated),
            Self::Updated(_) => (EventType::TestRunUpdated, EventType::SessionUpdated),
            Self::Deleted => (EventType::TestRunDeleted, EventType::SessionDeleted),
            Self::StateChanged(_) => (EventType::TestRunStateChanged, EventType::SessionStateChanged),
            Self::Completed => (EventType::TestRunCompleted, EventType::SessionCompleted),
            Self::Duplicated(_) => (EventType::TestRunDuplicated, EventType::SessionDuplicated),
            Self::ResultAdded(_) => (EventType::TestRunResultAdded, EventType::SessionResultAdded),
        };
        if matches!(subject, Subject::Session) { session } else { run }
    }

    /// Adds to an event's data what only this kind of event says.
    pub fn tell(self, data: &mut Value, project: ProjectId, config: &Config) {
        let (field, value) = match self {
            Self::Created | Self::Deleted | Self::Completed => return,
            Self::Updated(changed) => ("changed", json!(changed)),
            Self::StateChanged(previous) => ("previousState", json!(previous)),
            Self::Duplicated(from) => ("duplicatedFrom", from),
            Self::ResultAdded(added) => ("result", result(added, project, config)),
        };
        data[field] = value;
    }
}

fn result(added: &TestResult, project: ProjectId, config: &Config) -> Value {
    let issue = |issue: &LinkedIssue| {
        json!({
            "id": issue.id,
            "key": issue.key,
            "title": issue.title,
            "url": issue.url.as_deref().filter(|url| json!(url).to_string().len() <= URL_MAX),
            "link": issue_view::link_to(project, issue.id, config),
        })
    };
    let mut result = Map::new();
    result.insert("id".into(), json!(added.id));
    if let Some(case) = added.case_id {
        let case = json!({"id": case, "key": added.case_key, "title": added.case_title});
        result.insert("case".into(), case);
    }
    result.insert("status".into(), json!(added.status));
    result.insert("comment".into(), json!(text::cut(&added.comment)));
    result.insert("elapsedSeconds".into(), json!(added.elapsed_seconds));
    result.insert("author".into(), json!(added.author));
    result.insert("issues".into(), added.issues.iter().map(issue).collect());
    Value::Object(result)
}
