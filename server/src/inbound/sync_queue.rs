//! The queries of the sync queue: which projects have an issue to sync, and which of a project's
//! issues is next. Each is one probe of the index `issues_sync` per project, so that a long queue of
//! one project slows no other.

use app::model::id::ProjectId;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::app_state::AppState;
use crate::entity::{integration, issue};

/// A project with an issue in the sync queue.
#[derive(Clone, Copy, Debug)]
pub struct QueuedProject {
    /// The project.
    pub id: ProjectId,
    /// The tracker's rate limit: nothing is fetched before this.
    pub paused_until: Option<DateTime<Utc>>,
    /// When its next issue is due.
    pub due_at: DateTime<Utc>,
}

/// The projects with credentials and a sync queue, the one that is due first in front.
pub async fn queued_projects(state: &AppState) -> Result<Vec<QueuedProject>, DbErr> {
    type ProjectRow = (ProjectId, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let rows: Vec<ProjectRow> = select_projects().into_tuple().all(state.store.read()).await?;
    let queued = |(id, paused_until, due_at): ProjectRow| Some(QueuedProject { id, paused_until, due_at: due_at? });
    let mut projects: Vec<_> = rows.into_iter().filter_map(queued).collect();
    projects.sort_by_key(|project| project.due_at);
    Ok(projects)
}

fn select_projects() -> Select<integration::Entity> {
    let due_at = || Expr::col((issue::Entity, issue::Column::SyncDueAt));
    let project = Expr::col((issue::Entity, issue::Column::ProjectId));
    let next_due = Query::select()
        .expr(due_at().min())
        .from(issue::Entity)
        .and_where(project.equals((integration::Entity, integration::Column::ProjectId)))
        .and_where(due_at().is_not_null())
        .take();
    integration::Entity::find()
        .select_only()
        .columns([integration::Column::ProjectId, integration::Column::PausedUntil])
        .column_as(Expr::from(next_due), "due_at")
        .filter(integration::Column::Credentials.is_not_null())
}

/// The issue of a project that is due first and that no other worker holds.
pub fn select_due_issue(project: ProjectId, now: DateTime<Utc>) -> Select<issue::Entity> {
    let lease_expired = issue::Column::SyncLeaseUntil.is_null().or(issue::Column::SyncLeaseUntil.lte(now));
    issue::Entity::find()
        .filter(issue::Column::ProjectId.eq(project))
        .filter(issue::Column::SyncDueAt.is_not_null())
        .filter(issue::Column::SyncDueAt.lte(now))
        .filter(lease_expired)
        .order_by_asc(issue::Column::SyncDueAt)
}

#[cfg(test)]
mod tests {
    use migrations::Migrator;
    use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryTrait};
    use sea_orm_migration::MigratorTrait;
    use uuid::Uuid;

    use super::*;

    async fn plan(db: &DatabaseConnection, select: &impl QueryTrait) -> Vec<String> {
        let mut explain = select.build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let rows = db.query_all_raw(explain).await.unwrap();
        rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_project_is_found_without_the_queues_of_others() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let due_issue = select_due_issue(ProjectId(Uuid::from_u128(1)), DateTime::UNIX_EPOCH);
        let steps = plan(&db, &due_issue).await;
        assert!(steps.iter().any(|step| step.contains("issues_sync") && step.contains("project_id=?")), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
        let steps = plan(&db, &select_projects()).await;
        assert!(steps.iter().any(|step| step.contains("issues_sync") && step.contains("project_id=?")), "{steps:?}");
    }
}
