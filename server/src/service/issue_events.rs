//! What follows when an issue was made, changed or deleted, here or by its tracker: the event
//! with its deliveries, and the message to the open browsers, both within the change.

use app::model::catalog::EventType;
use app::model::live::{Change, What};
use app::model::people::Actor;
use sea_orm::DbErr;

use super::issue_view::event_data;
use crate::core::Core;
use crate::dispatch::outbox::Happening;
use crate::entity::{issue, project};
use crate::storage::{Effect, Tx};

impl Core {
    /// An issue was made or imported. `actor` is `None` for a tracker, here and below.
    ///
    /// # Errors
    /// The database's own.
    pub async fn issue_created(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        issue: &issue::Model,
        actor: Option<&Actor>,
    ) -> Result<(), DbErr> {
        tell(tx, issue, What::IssueCreated { issue_id: issue.id });
        let data = event_data(issue, &[], &self.config);
        self.emit(tx, Happening { project, event: EventType::IssueCreated, actor, data }).await
    }

    /// An issue changed in the fields `changed` (see
    /// [`changed_fields`](super::issue_view::changed_fields)). With none of them only the
    /// browsers are told, of what is no field: when it was last synced, or why that failed.
    ///
    /// # Errors
    /// The database's own.
    pub async fn issue_updated(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        issue: &issue::Model,
        changed: &[&str],
        actor: Option<&Actor>,
    ) -> Result<(), DbErr> {
        tell(tx, issue, What::IssueUpdated { issue_id: issue.id });
        if changed.is_empty() {
            return Ok(());
        }
        let data = event_data(issue, changed, &self.config);
        self.emit(tx, Happening { project, event: EventType::IssueUpdated, actor, data }).await
    }

    /// An issue was deleted, here or in its tracker.
    ///
    /// # Errors
    /// The database's own.
    pub async fn issue_deleted(
        &self,
        tx: &Tx<'_>,
        project: &project::Model,
        issue: &issue::Model,
        actor: Option<&Actor>,
    ) -> Result<(), DbErr> {
        tell(tx, issue, What::IssueDeleted { issue_id: issue.id });
        let data = event_data(issue, &[], &self.config);
        self.emit(tx, Happening { project, event: EventType::IssueDeleted, actor, data }).await
    }
}

fn tell(tx: &Tx<'_>, issue: &issue::Model, what: What) {
    tx.after_commit(Effect::Live(Change { project_id: issue.project_id, what }));
}
