//! Changes the projects of a webhook. What waits for it of a removed project is cancelled, so that it doesn't reach an
//! endpoint that the remaining admins change.

use app::error::Error;
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::active_limit;
use super::scope::Selected;
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::{project, webhook, webhook_project};
use crate::service::{TxError, TxResult};
use crate::storage::Tx;

/// The projects that a webhook names; none for all.
pub(super) async fn stored(tx: &Tx<'_>, row: &webhook::Model) -> Result<Selected, DbErr> {
    let projects = match row.scope {
        ScopeKind::All => Vec::new(),
        ScopeKind::Project | ScopeKind::Projects => webhook_project::projects_of(tx.db(), row).await?,
    };
    Ok(Selected { kind: row.scope, projects })
}

/// Sets the projects of a locked row, whose scope and owner the caller writes. Returns the removed projects, whose
/// deliveries are still to be ended; `None` if nothing changes.
///
/// # Errors
/// [`Error::Conflict`] if a project has no room for another active webhook.
pub(super) async fn apply(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    row: &mut webhook::Model,
    selected: &Selected,
) -> TxResult<Option<Vec<ProjectId>>> {
    let before = stored(tx, row).await?;
    if before == *selected {
        return Ok(None);
    }
    let added: Vec<_> = selected.projects.iter().copied().filter(|id| !before.projects.contains(id)).collect();
    let left = match (before.kind, selected.kind) {
        // Nothing is left by adding all projects.
        (_, ScopeKind::All) => Vec::new(),
        _ => webhook_project::projects_of(tx.db(), row).await?,
    };
    let removed: Vec<_> = left.into_iter().filter(|id| !selected.projects.contains(id)).collect();
    if row.active && before.kind != ScopeKind::All {
        active_limit::require_room(tx, row.id, selected.kind, &added).await?;
    }
    row.scope = selected.kind;
    if selected.kind != ScopeKind::All && !selected.projects.contains(&row.project_id) {
        row.project_id = selected.projects.first().copied().ok_or(TxError::Refused(Error::Internal))?;
    }
    if selected.kind == ScopeKind::All {
        super::project_deletion::require_owner(tx, row).await?;
    }
    webhook_project::Entity::delete_many()
        .filter(webhook_project::Column::WebhookId.eq(row.id))
        .filter(webhook_project::Column::ProjectId.is_not_in(selected.projects.iter().copied()))
        .exec(tx.db())
        .await?;
    if !added.is_empty() {
        let rows =
            added.iter().map(|&id| webhook_project::ActiveModel { project_id: Set(id), webhook_id: Set(row.id) });
        webhook_project::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    let events = [(&added, "Its events are sent from now on."), (&removed, "Its events are no longer sent.")];
    for (projects, detail) in events {
        record(state, tx, actor, row, projects, detail).await?;
    }
    Ok(Some(removed))
}

/// Writes the log of each project that was added or removed, because its admins should know.
async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    actor: &Actor,
    row: &webhook::Model,
    projects: &[ProjectId],
    detail: &str,
) -> Result<(), DbErr> {
    for &project in projects {
        let action = AuditAction::WebhookScopeChanged;
        let entry = NewAuditEntry::for_project(actor, project, action, row.id, &row.name);
        audit_log::record(state, tx, NewAuditEntry { detail: Some(detail.to_owned()), ..entry }).await?;
    }
    Ok(())
}

/// The names of the projects of a webhook, for its own audit entry.
pub(super) async fn names(tx: &Tx<'_>, selected: &Selected) -> Result<String, DbErr> {
    if selected.kind == ScopeKind::All {
        return Ok("Projects: all".to_owned());
    }
    let rows = project::Entity::find().filter(project::Column::Id.is_in(selected.projects.iter().copied()));
    let mut keys: Vec<_> = rows.all(tx.db()).await?.into_iter().map(|row| row.key).collect();
    keys.sort_unstable();
    Ok(format!("Projects: {}", keys.join(" ")))
}
