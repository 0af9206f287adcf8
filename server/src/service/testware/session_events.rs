//! What follows when something became of a session: the event with its deliveries, and the
//! message to the open browsers, both within the change.

use app::model::catalog::Subject;
use app::model::live::{Change, What};
use app::model::people::Actor;
use sea_orm::DbErr;
use serde_json::{Value, json};

use super::key::key;
use super::results;
use super::work_event::WorkEvent;
use crate::core::Core;
use crate::dispatch::outbox::Happening;
use crate::entity::{project, test_session};
use crate::service::text;
use crate::storage::{Effect, Tx};

impl Core {
    /// Tells of what became of a session.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn session_event(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        session: &test_session::Model,
        happened: WorkEvent<'_>,
        by: &Actor,
    ) -> Result<(), DbErr> {
        let what = What::SessionChanged { session_id: session.id };
        tx.after_commit_once(Effect::Live(Change { project_id: project.id, what }));
        let event = happened.event(Subject::Session);
        let counts = results::counts(tx.db(), [session.id]).await?.remove(&session.id).unwrap_or_default();
        let mut data = json!({
            "id": session.id,
            "key": key(project, Subject::Session, session.number),
            "name": session.name,
            "charter": text::cut(&session.charter),
            "timeBoxMinutes": session.time_box_minutes,
            "state": session.state,
            "completedAt": session.completed_at,
            "counts": counts,
            "total": counts.total(),
            "link": self.config.link(&format!("/projects/{}/sessions/{}", session.project_id, session.id)),
        });
        happened.tell(&mut data, project.id, &self.config);
        self.emit(tx, Happening { project, event, actor: Some(by), data }).await
    }
}

/// A session as its copy's event names it.
#[must_use]
pub fn source(project: &project::Model, session: &test_session::Model) -> Value {
    json!({"id": session.id, "key": key(project, Subject::Session, session.number), "name": session.name})
}
