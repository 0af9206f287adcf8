//! What follows a change of an issue, here or by its tracker: the event with its deliveries, and the
//! live message, both within the same transaction.

use app::model::catalog::EventType;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use sea_orm::DbErr;

use super::view::event_data;
use crate::app_state::AppState;
use crate::entity::{issue, project};
use crate::events::{NewEvent, outbox};
use crate::storage::{Effect, Tx};

/// Follows the creation or import of an issue. `actor` is `None` for a tracker, here and below.
///
/// # Errors
/// Errors of the database.
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

/// Follows a change of the fields `changed` (see
/// [`changed_fields`](issue::Model::changed_fields)). Without any, only
/// the browsers are notified: of the time of the last sync, or its error.
///
/// # Errors
/// Errors of the database.
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

/// Follows the deletion of an issue, here or in its tracker.
///
/// # Errors
/// Errors of the database.
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
