//! The events of testware: each is stored with its deliveries, and sent to the live streams, within the
//! transaction of the change.

use app::model::catalog::{EventType, PAYLOAD_VERSION, Verb};
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::time::Millis;
use app::testware::execution::{LinkedIssue, State, TestResult};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};

use super::key::key;
use super::row::{Progress, TestwareRow};
use crate::app_state::AppState;
use crate::config::Config;
use crate::entity::project;
use crate::events::changes::{self, FieldChange};
use crate::events::{NewEvent, cut_text, outbox};
use crate::issues::view::link_to;
use crate::storage::{Effect, Tx};

/// The maximum length of a tracker's URL in a result's event, in bytes of JSON. Longer ones are
/// omitted, so that twenty of them fit into an envelope.
const MAX_URL_BYTES: usize = 250;

/// What happened to an item.
pub enum TestwareEvent<'a> {
    Created,
    /// These fields changed.
    Updated(&'a [FieldChange]),
    Deleted,
    /// The state changed; the first value was the previous one.
    StateChanged(State, FieldChange),
    /// It was completed; the [`summary`](super::summary) has more fields.
    Completed(Value),
    /// It is a copy of the item with this ID, key and name.
    Duplicated(Value),
    ResultAdded(&'a TestResult),
}

impl TestwareEvent<'_> {
    const fn verb(&self) -> Verb {
        match self {
            Self::Created => Verb::Created,
            Self::Updated(_) => Verb::Updated,
            Self::Deleted => Verb::Deleted,
            Self::StateChanged(..) => Verb::StateChanged,
            Self::Completed(_) => Verb::Completed,
            Self::Duplicated(_) => Verb::Duplicated,
            Self::ResultAdded(_) => Verb::ResultAdded,
        }
    }

    /// The fields of this event only.
    fn fields(self, project: ProjectId, config: &Config) -> Value {
        match self {
            Self::Created | Self::Deleted => json!({}),
            Self::Updated(changes) => {
                json!({"changed": changes::changed(changes), "changes": changes::changes(changes)})
            }
            Self::StateChanged(previous, change) => {
                json!({"previousState": previous, "changes": changes::changes(&[change])})
            }
            Self::Completed(summary) => summary,
            Self::Duplicated(original) => json!({"duplicatedFrom": original}),
            Self::ResultAdded(added) => json!({"result": result(added, project, config)}),
        }
    }
}

/// Stores an event and notifies the live streams.
pub async fn emit<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &R,
    event: TestwareEvent<'_>,
    actor: &Actor,
) -> Result<(), DbErr> {
    let id: ItemId = row.id().into();
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: project.id, kind: ChangeKind::ItemChanged(id) }));
    let event_type = EventType::find(id.subject(), event.verb())
        .ok_or_else(|| DbErr::Custom(format!("{} has no event {:?}", id.subject(), event.verb())))?;
    let mut data = row.event_data();
    if let Some(Progress { state, completed_at }) = row.progress() {
        let counts = R::counts(tx.db(), &[row.id()]).await?.remove(&row.id()).unwrap_or_default();
        data["state"] = json!(state);
        data["completedAt"] = json!(completed_at.text());
        data["counts"] = json!(counts);
        data["total"] = json!(counts.total());
    }
    data["version"] = json!(PAYLOAD_VERSION);
    data["id"] = json!(id);
    data["key"] = json!(key(project, id.subject(), row.common().number));
    data["link"] = json!(state.config.link(&id.path(project.id)));
    if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), event.fields(project.id, &state.config)) {
        data.append(&mut fields);
    }
    outbox::publish(state, tx, NewEvent { project, event: event_type, actor: Some(actor), data }).await
}

/// An item as the event of its copy contains it.
pub fn reference<R: TestwareRow>(project: &project::Model, row: &R) -> Value {
    let id: ItemId = row.id().into();
    let title_field = id.subject().title_field();
    let title = row.event_data()[title_field].take();
    json!({"id": id, "key": key(project, id.subject(), row.common().number), (title_field): title})
}

fn result(added: &TestResult, project: ProjectId, config: &Config) -> Value {
    let mut result = Map::new();
    result.insert("id".into(), json!(added.id));
    if let Some(case) = added.case_id {
        let case = json!({"id": case, "key": added.case_key, "title": added.case_title});
        result.insert("case".into(), case);
    }
    result.insert("status".into(), json!(added.status));
    result.insert("comment".into(), json!(cut_text(&added.comment)));
    result.insert("elapsedSeconds".into(), json!(added.elapsed_seconds));
    result.insert("author".into(), json!(added.author));
    result.insert("issues".into(), added.issues.iter().map(|issue| linked_issue(issue, project, config)).collect());
    Value::Object(result)
}

/// An issue linked to a result.
pub fn linked_issue(issue: &LinkedIssue, project: ProjectId, config: &Config) -> Value {
    json!({
        "id": issue.id,
        "key": issue.key,
        "title": issue.title,
        "url": issue.url.as_deref().filter(|url| json!(url).to_string().len() <= MAX_URL_BYTES),
        "link": link_to(project, issue.id, config),
    })
}

#[cfg(test)]
mod tests {
    use app::model::catalog::Subject;

    use super::*;

    #[test]
    fn every_event_is_in_the_catalog() {
        use TestwareEvent::{Completed, Created, Deleted, Duplicated, StateChanged, Updated};
        let change = FieldChange::between("state", &State::New, &State::Done).unwrap();
        let all = [
            Created,
            Updated(&[]),
            Deleted,
            Duplicated(Value::Null),
            StateChanged(State::New, change),
            Completed(Value::Null),
        ];
        let is_known = |subject, event: &TestwareEvent<'_>| EventType::find(subject, event.verb()).is_some();
        for &subject in Subject::ALL.iter().filter(|subject| subject.is_testware()) {
            let events = if subject.is_execution() { &all[..] } else { &all[..4] };
            assert!(events.iter().all(|event| is_known(subject, event)), "{subject}");
        }
    }
}
