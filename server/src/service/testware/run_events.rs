//! What follows when something became of a run: the event with its deliveries, and the message
//! to the open browsers, both within the change.

use app::model::catalog::Subject;
use app::model::live::{Change, What};
use app::model::people::Actor;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::key::key;
use super::run_cases;
use super::work_event::WorkEvent;
use crate::core::Core;
use crate::dispatch::outbox::Happening;
use crate::entity::{project, test_run};
use crate::service::text;
use crate::storage::{Effect, Tx};

impl Core {
    /// Tells of what became of a run.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn run_event(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        run: &test_run::Model,
        happened: WorkEvent<'_>,
        by: &Actor,
    ) -> Result<(), DbErr> {
        let what = What::RunChanged { run_id: run.id };
        tx.after_commit_once(Effect::Live(Change { project_id: project.id, what }));
        let event = happened.event(Subject::TestRun);
        let counts = run_cases::counts(tx.db(), [run.id]).await?.remove(&run.id).unwrap_or_default();
        let mut data = json!({
            "id": run.id,
            "key": key(project, Subject::TestRun, run.number),
            "name": run.name,
            "description": text::cut(&run.description),
            "state": run.state,
            "completedAt": run.completed_at,
            "counts": counts,
            "total": counts.total(),
            "link": self.config.link(&format!("/projects/{}/runs/{}", run.project_id, run.id)),
        });
        happened.tell(&mut data, project.id, &self.config);
        self.emit(tx, Happening { project, event, actor: Some(by), data }).await
    }
}

/// A run as its copy's event names it.
#[must_use]
pub fn source(project: &project::Model, run: &test_run::Model) -> Value {
    json!({"id": run.id, "key": key(project, Subject::TestRun, run.number), "name": run.name})
}
