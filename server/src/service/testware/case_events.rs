//! What follows when something became of a test case: the event with its deliveries, and the
//! message to the open browsers, both within the change.

use app::model::catalog::{EventType, Subject};
use app::model::live::{Change, What};
use app::model::people::Actor;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::key::key;
use crate::config::Config;
use crate::core::Core;
use crate::dispatch::outbox::Happening;
use crate::entity::{project, test_case};
use crate::storage::{Effect, Tx};

/// What became of a case.
pub enum CaseEvent<'a> {
    /// It was made.
    Created,
    /// These fields of it changed.
    Updated(&'a [&'static str]),
    /// It was deleted.
    Deleted,
    /// It was made as a copy of this one.
    Duplicated(&'a test_case::Model),
}

impl Core {
    /// Tells of what became of a case.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn case_event(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        case: &test_case::Model,
        happened: CaseEvent<'_>,
        by: &Actor,
    ) -> Result<(), DbErr> {
        let what = What::CaseChanged { case_id: case.id };
        tx.after_commit(Effect::Live(Change { project_id: project.id, what }));
        let mut data = data(project, case, &self.config);
        let event = match happened {
            CaseEvent::Created => EventType::CaseCreated,
            CaseEvent::Updated(changed) => {
                data["changed"] = json!(changed);
                EventType::CaseUpdated
            }
            CaseEvent::Deleted => EventType::CaseDeleted,
            CaseEvent::Duplicated(from) => {
                let key = key(project, Subject::Case, from.number);
                data["duplicatedFrom"] = json!({"id": from.id, "key": key, "title": from.title});
                EventType::CaseDuplicated
            }
        };
        self.emit(tx, Happening { project, event, actor: Some(by), data }).await
    }
}

/// What all events of a case say, after the catalogue's schema.
fn data(project: &project::Model, case: &test_case::Model, config: &Config) -> Value {
    json!({
        "id": case.id,
        "key": key(project, Subject::Case, case.number),
        "title": case.title,
        "priority": case.priority,
        "labels": case.labels.0,
        "steps": case.steps.0.len(),
        "link": config.link(&format!("/projects/{}/cases/{}", case.project_id, case.id)),
    })
}
