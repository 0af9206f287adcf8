//! Lists the audit log, of a project or of the workspace.

use app::error::Result;
use app::model::audit::AuditEntry;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Audit;
use async_trait::async_trait;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::{require_admin, require_system_admin};
use crate::app_state::AppState;
use crate::entity::audit;
use crate::service::cursor;

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
        let entries = audit::Entity::find().filter(scope);
        let by_id = (audit::Column::Id, |row: &audit::Model| row.id);
        Ok(cursor::newest_first(self.store.read(), entries, by_id, &page).await?.map(view))
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
