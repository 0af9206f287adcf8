//! Projects. A deleted one keeps its rows, is found by nobody, and does nothing any more.

use app::error::{Checks, Error, Result};
use app::model::audit::AuditAction;
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::people::{Actor, Role};
use app::model::project::{CreateProject, Project, UpdateProject};
use app::model::text::{Name, ProjectKey};
use app::service::Projects;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Func, OnConflict};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, JoinType, QueryFilter,
    QueryOrder, QuerySelect, SqlErr,
};

use super::ChangeError;
use super::audit::{Deed, of_project};
use super::cursor;
use crate::core::Core;
use crate::dispatch::queue;
use crate::entity::{issue, member, project, webhook};
use crate::storage::{Tx, internal};

#[async_trait]
impl Projects for Core {
    async fn list_projects(&self, actor: &Actor, page: PageQuery) -> Result<Page<Project>> {
        let lowered = || Func::lower(Expr::col((project::Entity, project::Column::Name)));
        let mut query = project::Entity::find()
            .filter(project::Column::DeletedAt.is_null())
            .order_by_asc(lowered())
            .order_by_asc(project::Column::Id)
            .limit(page.limit() + 1);
        if !actor.system_admin {
            let of_project = member::Entity::belongs_to(project::Entity)
                .from(member::Column::ProjectId)
                .to(project::Column::Id)
                .into();
            query = query.join_rev(JoinType::InnerJoin, of_project).filter(member::Column::UserId.eq(actor.id));
        }
        if let Some((name, id)) = cursor::parse_by_name(page.cursor.as_deref())? {
            let name = || Func::lower(Expr::val(name.clone()));
            let same_name = Expr::expr(lowered()).eq(name()).and(project::Column::Id.gt(ProjectId(id)));
            query = query.filter(Expr::expr(lowered()).gt(name()).or(same_name));
        }
        let rows = query.all(self.store.read()).await.map_err(internal)?;
        let page = Page::cut(rows, page.limit(), |row| cursor::by_name(&row.name, row.id.0));
        let roles = self.roles(actor, &page.items).await?;
        Ok(page.map(|row| {
            let role = roles.iter().find(|(project, _)| *project == row.id).map_or(Role::Admin, |(_, role)| *role);
            view(row, role)
        }))
    }

    async fn project(&self, actor: &Actor, id: ProjectId) -> Result<Project> {
        let access = self.reader(actor, id).await?;
        Ok(view(access.project, access.role))
    }

    async fn create_project(&self, actor: &Actor, new: CreateProject) -> Result<Project> {
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
        let (core, actor, written) = (self.clone(), actor.clone(), row.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                insert(tx, written.clone()).await?;
                let deed = of_project(&actor, written.id, AuditAction::ProjectCreated, written.id, &written.name);
                Ok::<_, ChangeError>(core.audit(tx, deed).await?)
            })
        });
        change.await?;
        Ok(view(row, Role::Admin))
    }

    async fn update_project(&self, actor: &Actor, id: ProjectId, change: UpdateProject) -> Result<Project> {
        self.admin(actor, id).await?;
        let mut checks = Checks::default();
        let key = change.key.and_then(|key| checks.take("key", key.parse::<ProjectKey>()));
        let name = change.name.and_then(|name| checks.take("name", name.parse::<Name>()));
        checks.finish()?;
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = rename(tx, id, key, name).await?;
                let deed = of_project(&actor, id, AuditAction::ProjectUpdated, id, &row.name);
                core.audit(tx, Deed { detail: Some(format!("Key {}.", row.key)), ..deed }).await?;
                Ok::<_, ChangeError>(row)
            })
        });
        Ok(view(change.await?, Role::Admin))
    }

    async fn delete_project(&self, actor: &Actor, id: ProjectId) -> Result<()> {
        let project = self.admin(actor, id).await?.project;
        let (core, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                delete(tx, id, now).await?;
                let deed = of_project(&actor, id, AuditAction::ProjectDeleted, id, &project.name);
                Ok::<_, ChangeError>(core.audit(tx, deed).await?)
            })
        });
        Ok(change.await?)
    }
}

impl Core {
    /// The caller's roles in projects; empty for a system admin, who is an admin everywhere.
    async fn roles(&self, actor: &Actor, projects: &[project::Model]) -> Result<Vec<(ProjectId, Role)>> {
        if actor.system_admin {
            return Ok(Vec::new());
        }
        let rows = member::Entity::find()
            .filter(member::Column::UserId.eq(actor.id))
            .filter(member::Column::ProjectId.is_in(projects.iter().map(|row| row.id)))
            .all(self.store.read())
            .await
            .map_err(internal)?;
        Ok(rows.into_iter().map(|row| (row.project_id, row.role)).collect())
    }
}

fn view(row: project::Model, role: Role) -> Project {
    Project { id: row.id, key: row.key, name: row.name, role, created_at: row.created_at }
}

fn taken(key: &str) -> Error {
    Error::conflict(format!("The key {key} belongs to another project. Choose another one."))
}

async fn insert(tx: &Tx<'_>, row: project::Model) -> Result<(), ChangeError> {
    let owner = member::ActiveModel {
        project_id: Set(row.id),
        user_id: Set(row.owner_id),
        role: Set(Role::Admin),
        joined_at: Set(row.created_at),
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
) -> Result<project::Model, ChangeError> {
    let found = project::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    let mut row = found.filter(|row| row.deleted_at.is_none()).ok_or(Error::NotFound)?;
    if let Some(key) = key {
        row.key = key.into_string();
    }
    if let Some(name) = name {
        row.name = name.into_string();
    }
    match project::Entity::update(row.clone().into_active_model().reset_all()).exec(tx.db()).await {
        // The change ends with this statement, so that a transaction that failed is no trouble.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(taken(&row.key).into())
        }
        Err(error) => Err(error.into()),
        Ok(row) => Ok(row),
    }
}

/// What the project had under way is ended with it: the reading of its issues, its webhooks, and
/// what these still had to send. Issues come before webhooks, and webhooks in the order of their
/// ids, as in every other change that touches them, so that on PostgreSQL no two wait for each
/// other. Invitations fail for want of a living project.
async fn delete(tx: &Tx<'_>, id: ProjectId, now: DateTime<Utc>) -> Result<(), DbErr> {
    project::Entity::update_many()
        .set(project::ActiveModel { deleted_at: Set(Some(now)), ..Default::default() })
        .filter(project::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    issue::Entity::update_many()
        .set(issue::ActiveModel { sync_due_at: Set(None), ..Default::default() })
        .filter(issue::Column::ProjectId.eq(id))
        .filter(issue::Column::SyncDueAt.is_not_null())
        .exec(tx.db())
        .await?;
    let webhooks = webhook::Entity::find()
        .filter(webhook::Column::ProjectId.eq(id))
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    for webhook in webhooks {
        let gone = webhook::ActiveModel { id: Set(webhook.id), deleted_at: Set(Some(now)), ..Default::default() };
        webhook::Entity::update(gone).exec_without_returning(tx.db()).await?;
        queue::give_up(tx, webhook.id, "The project was deleted before this was sent.", now).await?;
    }
    Ok(())
}
