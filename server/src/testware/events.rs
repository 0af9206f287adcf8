//! The events of testware: each is stored with its deliveries, and sent to the live streams, within the
//! transaction of the change.

use app::model::catalog::{CatalogSubject, EventType, PAYLOAD_VERSION, Verb};
use app::model::id::ProjectId;
use app::model::item_id::ItemId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::time::Millis;
use app::testware::result::TestResult;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::items;
use super::key::key;
use super::result::events::result_data;
use super::row::TestwareRow;
use crate::app_state::AppState;
use crate::config::Config;
use crate::entity::project;
use crate::events::changes::{self, FieldChange};
use crate::events::outbox;
use crate::storage::{Effect, Tx};

/// What happened to an item.
pub enum TestwareEvent<'a> {
    Created,
    /// These fields changed.
    Updated(&'a [FieldChange]),
    Deleted,
    /// A field changed whose change has an event of its own.
    FieldChanged(Verb, FieldChange),
    /// These cases were added.
    CasesAdded(Value),
    /// It was completed; see [`TestwareRow::completed_data`].
    Completed(Value),
    /// It was aborted, with the same data.
    Aborted(Value),
    /// It is a copy of the item with this ID, key and name.
    Duplicated(Value),
    /// Anyone with its link can see it.
    PublicLinkEnabled,
    ResultAdded(&'a TestResult),
    /// Another event, with fields of its own.
    WithFields(Verb, Value),
}

impl TestwareEvent<'_> {
    const fn verb<R: TestwareRow>(&self) -> Verb {
        match self {
            Self::Created => R::CREATED,
            Self::Updated(_) => Verb::Updated,
            Self::Deleted => Verb::Deleted,
            Self::FieldChanged(verb, _) => *verb,
            Self::CasesAdded(_) => Verb::CasesAdded,
            Self::Completed(_) => Verb::Completed,
            Self::Aborted(_) => Verb::Aborted,
            Self::Duplicated(_) => Verb::Duplicated,
            Self::PublicLinkEnabled => Verb::PublicLinkEnabled,
            Self::ResultAdded(_) => Verb::ResultAdded,
            Self::WithFields(verb, _) => *verb,
        }
    }

    /// The fields of this event only.
    fn fields(self, project: ProjectId, config: &Config) -> Value {
        match self {
            Self::Created | Self::Deleted | Self::PublicLinkEnabled => json!({}),
            Self::Updated(changes) => {
                json!({"changed": changes::changed(changes), "changes": changes::changes(changes)})
            }
            Self::FieldChanged(verb, change) => {
                let mut fields = json!({});
                match verb {
                    Verb::StateChanged => fields["previousState"] = change.from().clone(),
                    Verb::StatusChanged => fields["previousStatus"] = change.from().clone(),
                    _ => {}
                }
                fields["changes"] = changes::changes(&[change]);
                fields
            }
            Self::CasesAdded(cases) => json!({"addedCases": cases}),
            Self::Completed(summary) | Self::Aborted(summary) => summary,
            Self::WithFields(_, fields) => fields,
            Self::Duplicated(original) => json!({"duplicatedFrom": original}),
            Self::ResultAdded(added) => json!({"result": result_data(added, project, config)}),
        }
    }
}

/// Stores an event and notifies the live streams. There is no actor for a change in the tracker.
pub async fn emit<'a, R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &R,
    event: TestwareEvent<'_>,
    actor: impl Into<Option<&'a Actor>> + Send,
) -> Result<(), DbErr> {
    emit_all(state, tx, project, row, (event.verb::<R>(), vec![event]), actor.into()).await
}

/// [`emit`] for several events of the same verb, in their order. They have the same data, but for their own fields.
pub async fn emit_all<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &R,
    (verb, events): (Verb, Vec<TestwareEvent<'_>>),
    actor: Option<&Actor>,
) -> Result<(), DbErr> {
    items::show(tx, project, row);
    let subject = R::View::SUBJECT;
    let event_type =
        EventType::find(subject, verb).ok_or_else(|| DbErr::Custom(format!("{subject} has no event {verb:?}")))?;
    let data = data_of(state, tx, project, row).await?;
    let with_fields = |event: TestwareEvent<'_>| {
        let mut data = data.clone();
        add_fields(&mut data, event.fields(project.id, &state.config));
        data
    };
    let all = events.into_iter().map(with_fields).collect();
    outbox::publish_all(state, tx, (project, event_type, actor), all).await
}

/// What all events of an item contain.
async fn data_of<R: TestwareRow>(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    row: &R,
) -> Result<Value, DbErr> {
    let id: ItemId = row.id().into();
    let mut data = row.event_data();
    if let Some(state) = row.state() {
        data["state"] = json!(state);
    }
    if R::COMPLETED_AT.is_some() {
        data["completedAt"] = json!(row.completed_at().text());
    }
    if R::HAS_COUNTS {
        let counts = R::counts(tx.db(), &[row.id()]).await?.remove(&row.id()).unwrap_or_default();
        data["counts"] = json!(counts);
        data["total"] = json!(counts.total());
    }
    data["version"] = json!(PAYLOAD_VERSION);
    data["id"] = json!(id);
    data["key"] = json!(key(project, id.subject(), row.common().number));
    data["link"] = json!(state.config.link(&id.path(project.id)));
    add_fields(&mut data, row.related_data(tx.db(), project).await?);
    Ok(data)
}

fn add_fields(data: &mut Value, fields: Value) {
    if let (Some(data), Value::Object(mut fields)) = (data.as_object_mut(), fields) {
        data.append(&mut fields);
    }
}

/// Notifies the live streams of a change of an item.
pub fn show_change(tx: &Tx<'_>, project: ProjectId, id: ItemId) {
    tx.after_commit_once(Effect::Live(ProjectChange { project_id: project, kind: ChangeKind::ItemChanged(id) }));
}

/// [`show_change`] for many items, each once.
pub fn show_changes(tx: &Tx<'_>, project: ProjectId, ids: impl IntoIterator<Item = ItemId>) {
    for id in ids {
        tx.after_commit(Effect::Live(ProjectChange { project_id: project, kind: ChangeKind::ItemChanged(id) }));
    }
}

/// The key of an item, and its title or name.
pub fn key_and_title<R: TestwareRow>(project: &project::Model, row: &R) -> [Value; 2] {
    let subject = R::View::SUBJECT;
    let title = row.event_data()[subject.title_field()].take();
    [json!(key(project, subject, row.common().number)), title]
}

/// An item as the event of its copy contains it.
pub fn reference<R: TestwareRow>(project: &project::Model, row: &R) -> Value {
    let id: ItemId = row.id().into();
    let [key, title] = key_and_title(project, row);
    json!({"id": id, "key": key, (id.subject().title_field()): title})
}

#[cfg(test)]
mod tests {
    use app::model::catalog::Subject;
    use app::with_subject;

    use super::*;
    use crate::testware::row::Stored;

    #[test]
    fn every_subject_has_the_events_of_its_items() {
        for &subject in Subject::ALL.iter().filter(|subject| subject.is_testware()) {
            let created = with_subject!(subject, T => <T as Stored>::Row::CREATED, else Verb::Created);
            let mut verbs = vec![created];
            if !subject.spec().deletion.is_empty() {
                verbs.push(Verb::Deleted);
            }
            if subject.is_execution() {
                verbs.extend([Verb::Updated, Verb::StateChanged, Verb::Completed, Verb::ResultAdded]);
            }
            assert!(verbs.iter().all(|&verb| subject.has(verb)), "{subject}");
            let is_emitted = |verb| verbs.contains(&verb) == subject.has(verb);
            assert!([Verb::Created, Verb::Queued, Verb::Deleted].into_iter().all(is_emitted), "{subject}");
        }
    }
}
