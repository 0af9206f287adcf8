//! The events and live messages that follow a change of an issue, in Testbell or in its tracker,
//! both in the transaction of the change.

use app::model::catalog::EventType;
use app::model::issue::StatusKind;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use sea_orm::DbErr;
use serde_json::json;

use super::linked;
use super::view::event_data;
use crate::app_state::AppState;
use crate::entity::{issue, project};
use crate::events::changes::{self, FieldChange};
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
    let mut data = event_data(issue, &state.config);
    data["linked"] = linked::none();
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueCreated, actor, data }).await
}

/// For [`changes`](super::changes::changes). If there are none, only browsers are notified of the time
/// or the error of the last sync.
pub async fn updated(
    state: &AppState,
    tx: &Tx<'_>,
    project: &project::Model,
    issue: &issue::Model,
    changes: &[FieldChange],
    actor: Option<&Actor>,
) -> Result<(), DbErr> {
    notify(tx, issue, ChangeKind::IssueUpdated { issue_id: issue.id });
    if changes.is_empty() {
        return Ok(());
    }
    let mut data = event_data(issue, &state.config);
    data["linked"] = linked::linked(tx.db(), project, issue.id).await?;
    let resolved = is_resolved(changes).then(|| data.clone());
    data["changed"] = json!(changes::changed(changes));
    data["changes"] = changes::changes(changes);
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueUpdated, actor, data }).await?;
    match resolved {
        Some(data) => {
            outbox::publish(state, tx, NewEvent { project, event: EventType::IssueResolved, actor, data }).await
        }
        None => Ok(()),
    }
}

/// Whether an open issue was closed.
fn is_resolved(changes: &[FieldChange]) -> bool {
    changes.iter().any(|change| change.field() == "statusKind" && change.to() == StatusKind::Closed.as_str())
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
    let mut data = event_data(issue, &state.config);
    data["linked"] = linked::linked(tx.db(), project, issue.id).await?;
    outbox::publish(state, tx, NewEvent { project, event: EventType::IssueDeleted, actor, data }).await
}

fn notify(tx: &Tx<'_>, issue: &issue::Model, kind: ChangeKind) {
    tx.after_commit(Effect::Live(ProjectChange { project_id: issue.project_id, kind }));
}
