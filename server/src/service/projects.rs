//! Projects. A deleted project keeps its rows, but nobody can access it, and it sends nothing.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::id::{ProjectId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Role};
use app::model::project::{CreateProject, Project, UpdateProject};
use app::model::text::{Name, ProjectKey};
use app::service::Projects;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QuerySelect, SqlErr,
};

use crate::access::{require_admin, require_member, require_whole_account};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::PROJECT_DELETED;
use crate::entity::{api_token, invite, issue, member, project};
use crate::service::TxError;
use crate::service::{cursor, webhooks};
use crate::storage::{Effect, Revoked, Tx, internal};

#[async_trait]
impl Projects for AppState {
    async fn list_projects(&self, actor: &Actor, page: PageQuery) -> Result<Page<Project>> {
        let mut query = project::Entity::find().filter(project::Column::DeletedAt.is_null());
        if !actor.system_admin {
            let of_project = member::Entity::belongs_to(project::Entity)
                .from(member::Column::ProjectId)
                .to(project::Column::Id)
                .into();
            query = query.join_rev(JoinType::InnerJoin, of_project).filter(member::Column::UserId.eq(actor.id));
        }
        if let Some(only) = actor.credential.only_project() {
            query = query.filter(project::Column::Id.eq(only));
        }
        let by_name = cursor::select_by_name(query, (project::Column::Name, project::Column::Id), &page)?;
        let rows = by_name.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| cursor::by_name(&row.name, row.id.0));
        let roles = roles(self, actor, &page.items).await?;
        Ok(page.map(|row| {
            let role = roles.iter().find(|(project, _)| *project == row.id).map_or(Role::Admin, |(_, role)| *role);
            view(row, role)
        }))
    }

    async fn project(&self, actor: &Actor, id: ProjectId) -> Result<Project> {
        let access = require_member(self, actor, id).await?;
        Ok(view(access.project, access.role))
    }

    async fn create_project(&self, actor: &Actor, new: CreateProject) -> Result<Project> {
        require_whole_account(actor)?;
        let mut checks = Checks::default();
        let (Some(key), Some(name)) =
            (checks.take("key", new.key.parse::<ProjectKey>()), checks.take("name", new.name.parse::<Name>()))
        else {
            return Err(checks.into_error());
        };
        let row = project::Model {
            id: self.ids.next(),
            key: key.into_string(),
            name: name.into_string(),
            owner_id: actor.id,
            created_at: self.clock.now(),
            deleted_at: None,
        };
        let (state, actor, written) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                insert(tx, written.clone()).await?;
                webhooks::adopt(tx, written.id).await?;
                let entry = NewAuditEntry::for_project(
                    &actor,
                    written.id,
                    AuditAction::ProjectCreated,
                    written.id,
                    &written.name,
                );
                Ok::<_, TxError>(audit_log::record(&state, tx, entry).await?)
            })
        });
        change.await?;
        Ok(view(row, Role::Admin))
    }

    async fn update_project(&self, actor: &Actor, id: ProjectId, change: UpdateProject) -> Result<Project> {
        require_admin(self, actor, id).await?;
        let mut checks = Checks::default();
        let key = change.key.and_then(|key| checks.take("key", key.parse::<ProjectKey>()));
        let name = change.name.and_then(|name| checks.take("name", name.parse::<Name>()));
        checks.finish()?;
        let (state, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = rename(tx, id, key, name).await?;
                let entry = NewAuditEntry::for_project(&actor, id, AuditAction::ProjectUpdated, id, &row.name);
                audit_log::record(&state, tx, NewAuditEntry { detail: Some(format!("Key {}.", row.key)), ..entry })
                    .await?;
                Ok::<_, TxError>(row)
            })
        });
        Ok(view(change.await?, Role::Admin))
    }

    async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<()> {
        let project = require_admin(self, actor, id).await?.project;
        let (state, actor) = (self.clone(), actor.clone());
        let times = (self.clock.now(), self.clock.schedule_now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let shared = delete(tx, id, times).await?;
                let entry = NewAuditEntry::for_project(&actor, id, AuditAction::ProjectDeleted, id, &project.name);
                audit_log::record(&state, tx, entry).await?;
                Ok::<_, TxError>(shared)
            })
        });
        let shared = change.await?;
        webhooks::end_deliveries(self, &[id], &shared, PROJECT_DELETED).await.map_err(internal)
    }
}

/// The caller's roles in projects; empty for a system admin, who is an admin everywhere.
async fn roles(state: &AppState, actor: &Actor, projects: &[project::Model]) -> Result<Vec<(ProjectId, Role)>> {
    if actor.system_admin {
        return Ok(Vec::new());
    }
    let rows = member::Entity::find()
        .filter(member::Column::UserId.eq(actor.id))
        .filter(member::Column::ProjectId.is_in(projects.iter().map(|row| row.id)))
        .all(state.store.read())
        .await
        .map_err(internal)?;
    Ok(rows.into_iter().map(|row| (row.project_id, row.role)).collect())
}

pub(super) fn view(row: project::Model, role: Role) -> Project {
    Project { id: row.id, key: row.key, name: row.name, role, created_at: row.created_at }
}

fn taken(key: &str) -> Error {
    Error::conflict(format!("The key {key} is used by another project. Choose another one."))
}

async fn insert(tx: &Tx<'_>, row: project::Model) -> Result<(), TxError> {
    let owner = member::ActiveModel {
        project_id: Set(row.id),
        user_id: Set(row.owner_id),
        role: Set(Role::Admin),
        joined_at: Set(row.created_at),
        by_claim: Set(false),
    };
    let key = row.key.clone();
    let inserted = project::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    if inserted == 0 {
        return Err(taken(&key).into());
    }
    member::Entity::insert(owner).exec_without_returning(tx.db()).await?;
    Ok(())
}

async fn rename(
    tx: &Tx<'_>,
    id: ProjectId,
    key: Option<ProjectKey>,
    name: Option<Name>,
) -> Result<project::Model, TxError> {
    let found = project::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    let mut row = found.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
    if let Some(key) = key {
        row.key = key.into_string();
    }
    if let Some(name) = name {
        row.name = name.into_string();
    }
    match project::Entity::update(row.clone().into_active_model().reset_all()).exec(tx.db()).await {
        // This is the last statement of the transaction, so a failed transaction does no harm.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(taken(&row.key).into())
        }
        Err(error) => Err(error.into()),
        Ok(row) => Ok(row),
    }
}

/// Ends everything that runs for the project: the syncs of its issues, its webhooks and their
/// deliveries, invites, API tokens and open streams. Issues come before webhooks, and webhooks in
/// the order of their IDs, as in every other transaction, so that no two deadlock on PostgreSQL.
async fn delete(tx: &Tx<'_>, id: ProjectId, times: (DateTime<Utc>, DateTime<Utc>)) -> Result<Vec<WebhookId>, DbErr> {
    project::Entity::update_many()
        .set(project::ActiveModel { deleted_at: Set(Some(times.0)), ..Default::default() })
        .filter(project::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    invite::Entity::delete_many().filter(invite::Column::ProjectId.eq(id)).exec(tx.db()).await?;
    api_token::Entity::delete_many().filter(api_token::Column::ProjectId.eq(id)).exec(tx.db()).await?;
    tx.after_commit(Effect::Revoked(Revoked::Project { project_id: id }));
    issue::Entity::update_many()
        .set(issue::ActiveModel { sync_due_at: Set(None), ..Default::default() })
        .filter(issue::Column::ProjectId.eq(id))
        .filter(issue::Column::SyncDueAt.is_not_null())
        .exec(tx.db())
        .await?;
    webhooks::detach(tx, id, times).await
}
