//! The events and live messages that follow a change of an issue, in Testbell or in its tracker,
//! both in the transaction of the change.

use app::model::catalog::EventType;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use sea_orm::DbErr;

use super::view::event_data;
use crate::app_state::AppState;
use crate::entity::{issue, project};
use crate::events::{NewEvent, outbox};
use crate::storage::{Effect, Tx};

/// For a new or imported issue. `actor` is `None` for a tracker, here and below.
pub async fn created(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    issue: &issue::Model,
    actor: Option<&Actor>,
) -> Result<(), DbErr> {
    notify(tx, issue, ChangeKind::IssueCreated { issue_id: issue.id });
    let data = event_data(issue, &[], &state.config);
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueCreated, actor, data }).await
}

/// For a change of the fields `changed` (see [`changed_fields`](issue::Model::changed_fields)). If
/// there are none, only browsers are notified of the time or the error of the last sync.
pub async fn updated(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    issue: &issue::Model,
    changed: &[&str],
    actor: Option<&Actor>,
) -> Result<(), DbErr> {
    notify(tx, issue, ChangeKind::IssueUpdated { issue_id: issue.id });
    if changed.is_empty() {
        return Ok(());
    }
    let data = event_data(issue, changed, &state.config);
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueUpdated, actor, data }).await
}

/// For an issue deleted in Testbell or in its tracker.
pub async fn deleted(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    issue: &issue::Model,
    actor: Option<&Actor>,
) -> Result<(), DbErr> {
    notify(tx, issue, ChangeKind::IssueDeleted { issue_id: issue.id });
    let data = event_data(issue, &[], &state.config);
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueDeleted, actor, data }).await
}

fn notify(tx: &Tx<'_>, issue: &issue::Model, kind: ChangeKind) {
    tx.after_commit(Effect::Live(ProjectChange { project_id: issue.project_id, kind }));
}
