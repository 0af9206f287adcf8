//! The audit log: an entry is written in the change that it tells of, so that neither is without
//! the other. It names things by their ids and names, never by a secret.

use std::fmt::Display;

use app::error::{Error, Result};
use app::model::audit::{AuditAction, AuditEntry};
use app::model::id::{AuditId, ProjectId};
use app::model::live::{Change, What};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Audit;
use async_trait::async_trait;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cursor;
use crate::core::Core;
use crate::entity::{audit, webhook};
use crate::storage::{Effect, Tx, internal};

/// Something that was done to the configuration.
pub struct Deed<'a> {
    /// Where; `None` for what belongs to the instance or to a person.
    pub project: Option<ProjectId>,
    /// By whom; `None` for Testbell itself.
    pub actor: Option<&'a Actor>,
    /// What.
    pub action: AuditAction,
    /// The id of what it was done to.
    pub subject: String,
    /// What that is called.
    pub name: &'a str,
    /// More of it in words.
    pub detail: Option<String>,
}

impl Core {
    /// Writes an entry, within the change that it tells of; open browsers hear once a change that
    /// there is something to read.
    ///
    /// # Errors
    /// The database's own.
    pub async fn audit(&self, tx: &Tx<'_>, deed: Deed<'_>) -> Result<(), DbErr> {
        let row = audit::ActiveModel {
            id: Set(self.ids.next()),
            project_id: Set(deed.project),
            actor_id: Set(deed.actor.map(|actor| actor.id)),
            actor_name: Set(deed.actor.map(|actor| actor.name.clone())),
            action: Set(deed.action),
            subject: Set(deed.subject),
            subject_name: Set(deed.name.to_owned()),
            detail: Set(deed.detail),
            at: Set(self.clock.now()),
        };
        if let Some(project_id) = deed.project {
            tx.after_commit_once(Effect::Live(Change { project_id, what: What::AuditWritten }));
        }
        audit::Entity::insert(row).exec_without_returning(tx.db()).await.map(drop)
    }
}

/// What somebody did in a project, to what has an id and a name.
pub(super) fn of_project<'a>(
    actor: &'a Actor,
    project: ProjectId,
    action: AuditAction,
    subject: impl Display,
    name: &'a str,
) -> Deed<'a> {
    Deed { project: Some(project), actor: Some(actor), action, subject: subject.to_string(), name, detail: None }
}

/// What an admin did to a webhook.
pub(super) fn of_webhook<'a>(
    actor: &'a Actor,
    action: AuditAction,
    row: &'a webhook::Model,
    detail: Option<String>,
) -> Deed<'a> {
    Deed {
        project: Some(row.project_id),
        actor: Some(actor),
        action,
        subject: row.id.to_string(),
        name: &row.name,
        detail,
    }
}

#[async_trait]
impl Audit for Core {
    async fn list_audit(&self, actor: &Actor, project: Option<ProjectId>, page: PageQuery) -> Result<Page<AuditEntry>> {
        match project {
            Some(project) => drop(self.admin(actor, project).await?),
            None if actor.system_admin => {}
            None => return Err(Error::forbidden("Only an admin of the instance can read its audit log.")),
        }
        let of = match project {
            Some(project) => audit::Column::ProjectId.eq(project),
            None => audit::Column::ProjectId.is_null(),
        };
        let mut select = audit::Entity::find().filter(of).order_by_desc(audit::Column::Id).limit(page.limit() + 1);
        if let Some(before) = cursor::parse_id::<AuditId>(page.cursor.as_deref())? {
            select = select.filter(audit::Column::Id.lt(before));
        }
        let rows = select.all(self.store.read()).await.map_err(internal)?;
        Ok(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(show))
    }
}

fn show(row: audit::Model) -> AuditEntry {
    AuditEntry {
        id: row.id,
        at: row.at,
        actor_id: row.actor_id,
        actor_name: row.actor_name,
        action: row.action,
        subject: row.subject,
        subject_name: row.subject_name,
        detail: row.detail,
    }
}
