//! Lists the audit log, of a project or of the workspace.

use app::error::Result;
use app::model::audit::AuditEntry;
use app::model::id::{AuditId, ProjectId};
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Audit;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::access::{require_admin, require_system_admin};
use crate::app_state::AppState;
use crate::entity::audit;
use crate::service::cursor;
use crate::storage::internal;

#[async_trait]
impl Audit for AppState {
    async fn list_audit(&self, actor: &Actor, project: Option<ProjectId>, page: PageQuery) -> Result<Page<AuditEntry>> {
        match project {
            Some(project) => drop(require_admin(self, actor, project).await?),
            None => require_system_admin(actor)?,
        }
        let scope = match project {
            Some(project) => audit::Column::ProjectId.eq(project),
            None => audit::Column::ProjectId.is_null(),
        };
        let mut select = audit::Entity::find().filter(scope).order_by_desc(audit::Column::Id).limit(page.limit() + 1);
        if let Some(before) = cursor::parse_id::<AuditId>(page.cursor.as_deref())? {
            select = select.filter(audit::Column::Id.lt(before));
        }
        let rows = select.all(self.store.read()).await.map_err(internal)?;
        Ok(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(view))
    }
}

fn view(row: audit::Model) -> AuditEntry {
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
