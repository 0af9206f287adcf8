//! Writes the audit log. An entry is written in the transaction of the change that it describes, so
//! neither exists without the other. It contains IDs and names, never a secret.

use std::fmt::Display;

use app::model::audit::AuditAction;
use app::model::id::{ProjectId, UserId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook_scope::ScopeKind;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};

use crate::app_state::AppState;
use crate::entity::{audit, webhook};
use crate::storage::{Effect, Tx};

/// An entry that is not stored yet.
pub struct NewAuditEntry<'a> {
    /// `None` for an action on the workspace or a user.
    pub project: Option<ProjectId>,
    /// `None` for Testbell itself.
    pub actor: Option<&'a Actor>,
    pub action: AuditAction,
    /// The ID of what changed.
    pub subject: String,
    /// The name of what changed.
    pub name: &'a str,
    pub detail: Option<String>,
}

impl<'a> NewAuditEntry<'a> {
    /// An action in a project, on an object with an ID and a name.
    pub fn for_project(
        actor: &'a Actor,
        project: ProjectId,
        action: AuditAction,
        subject: impl Display,
        name: &'a str,
    ) -> Self {
        Self { project: Some(project), actor: Some(actor), action, subject: subject.to_string(), name, detail: None }
    }

    /// An action on a user's account; `actor` is `None` for Testbell itself.
    pub fn for_user(
        actor: Option<&'a Actor>,
        action: AuditAction,
        user: UserId,
        name: &'a str,
        detail: Option<String>,
    ) -> Self {
        Self { project: None, actor, action, subject: user.to_string(), name, detail }
    }

    /// An action of an admin on a webhook: in the log of its owner, or of the workspace if it has all projects.
    pub fn for_webhook(actor: &'a Actor, action: AuditAction, row: &'a webhook::Model, detail: Option<String>) -> Self {
        let project = Self::project_of(row);
        Self { project, actor: Some(actor), action, subject: row.id.to_string(), name: &row.name, detail }
    }

    /// The project whose log has the entries about a webhook; `None` for that of the workspace.
    #[must_use]
    pub fn project_of(row: &webhook::Model) -> Option<ProjectId> {
        (row.scope != ScopeKind::All).then_some(row.project_id)
    }
}

/// Writes an entry in the transaction of the change. Live streams of the project get one message
/// per transaction, however many entries it writes.
pub async fn record(state: &AppState, tx: &Tx<'_>, entry: NewAuditEntry<'_>) -> Result<(), DbErr> {
    let row = audit::ActiveModel {
        id: Set(state.ids.next()),
        project_id: Set(entry.project),
        actor_id: Set(entry.actor.map(|actor| actor.id)),
        actor_name: Set(entry.actor.map(|actor| actor.name.clone())),
        action: Set(entry.action),
        subject: Set(entry.subject),
        subject_name: Set(entry.name.to_owned()),
        detail: Set(entry.detail),
        at: Set(state.clock.now()),
    };
    if let Some(project_id) = entry.project {
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind: ChangeKind::AuditWritten }));
    }
    audit::Entity::insert(row).exec_without_returning(tx.db()).await.map(drop)
}
