//! The events of testware: each is stored with its deliveries, and sent to the live streams, within the
//! transaction of the change.

use app::model::catalog::EventType;
use app::model::id::ProjectId;
use app::model::live::ProjectChange;
use app::model::people::Actor;
use app::model::testware::{LinkedIssue, State, TestResult};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};

use super::Testware;
use super::key::key;
use crate::app_state::AppState;
use crate::config::Config;
use crate::entity::project;
use crate::events::{NewEvent, outbox};
use crate::issues::view::link_to;
use crate::service::text;
use crate::storage::{Effect, Tx};

/// The most bytes of a tracker's URL in a result's event, as JSON. A longer one is left out, so that
/// twenty of them fit into an envelope.
const MAX_URL_BYTES: usize = 250;

/// What happened to an item.
pub enum TestwareEvent<'a> {
    Created,
    /// These fields changed.
    Updated(&'a [&'static str]),
    Deleted,
    /// The state changed; this was the previous one.
    StateChanged(State),
    Completed,
    /// It is the copy of the item that is described by ID, key and name.
    Duplicated(Value),
    ResultAdded(&'a TestResult),
}

impl TestwareEvent<'_> {
    const fn verb(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated(_) => "updated",
            Self::Deleted => "deleted",
            Self::StateChanged(_) => "state_changed",
            Self::Completed => "completed",
            Self::Duplicated(_) => "duplicated",
            Self::ResultAdded(_) => "result_added",
        }
    }

    /// The field that only this event has.
    fn field(self, project: ProjectId, config: &Config) -> Option<(&'static str, Value)> {
        match self {
            Self::Created | Self::Deleted | Self::Completed => None,
            Self::Updated(changed) => Some(("changed", json!(changed))),
            Self::StateChanged(previous) => Some(("previousState", json!(previous))),
            Self::Duplicated(original) => Some(("duplicatedFrom", original)),
            Self::ResultAdded(added) => Some(("result", result(added, project, config))),
        }
    }
}

/// Stores an event and notifies the live streams.
///
/// # Errors
/// Errors of the database.
pub async fn emit<T: Testware>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &T,
    event: TestwareEvent<'_>,
    actor: &Actor,
) -> Result<(), DbErr> {
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: project.id, kind: row.live_change() }));
    let event_type = format!("{}.{}", T::SUBJECT, event.verb())
        .parse::<EventType>()
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    let counts = T::counts_in(tx.db(), &[row.id()]).await?.remove(&row.id()).unwrap_or_default();
    let mut row = row.clone();
    let key = key(project, T::SUBJECT, *row.common().number);
    let link = state.config.link(&format!("/projects/{}/{}", project.id, row.page_path()));
    let mut data = row.event_data(key, counts, link);
    if let Some((field, value)) = event.field(project.id, &state.config) {
        data[field] = value;
    }
    outbox::publish(state, tx, NewEvent { project, event: event_type, actor: Some(actor), data }).await
}

/// An item as the event of its copy refers to it.
pub fn reference<T: Testware>(project: &project::Model, row: &mut T) -> Value {
    let key = key(project, T::SUBJECT, *row.common().number);
    json!({"id": row.id().to_string(), "key": key, (T::NAME_FIELD): row.name()})
}

fn result(added: &TestResult, project: ProjectId, config: &Config) -> Value {
    let issue = |issue: &LinkedIssue| {
        json!({
            "id": issue.id,
            "key": issue.key,
            "title": issue.title,
            "url": issue.url.as_deref().filter(|url| json!(url).to_string().len() <= MAX_URL_BYTES),
            "link": link_to(project, issue.id, config),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{test_case, test_run, test_session};

    fn verbs<T: Testware>(events: &[TestwareEvent<'_>]) -> Vec<Option<EventType>> {
        events.iter().map(|event| format!("{}.{}", T::SUBJECT, event.verb()).parse().ok()).collect()
    }

    #[test]
    fn every_event_is_in_the_catalog() {
        use TestwareEvent::{Completed, Created, Deleted, Duplicated, StateChanged, Updated};
        let all = [Created, Updated(&[]), Deleted, Duplicated(Value::Null), StateChanged(State::New), Completed];
        for found in
            [verbs::<test_case::Model>(&all[..4]), verbs::<test_run::Model>(&all), verbs::<test_session::Model>(&all)]
        {
            assert!(found.iter().all(Option::is_some), "{found:?}");
        }
    }
}
