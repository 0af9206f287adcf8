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
pub async fn queued_projects(state: &AppState, now: DateTime<Utc>) -> Result<Vec<QueuedProject>, DbErr> {
    type ProjectRow = (ProjectId, Option<DateTime<Utc>>, Option<DateTime<Utc>>);
    let rows: Vec<ProjectRow> = select_projects(now).into_tuple().all(state.store.read()).await?;
    let queued = |(id, paused_until, due_at): ProjectRow| Some(QueuedProject { id, paused_until, due_at: due_at? });
    let mut projects: Vec<_> = rows.into_iter().filter_map(queued).collect();
    projects.sort_by_key(|project| project.due_at);
    Ok(projects)
}

/// An issue that an event rescheduled while a worker holds it is not due: that worker's end is awaited.
fn select_projects(now: DateTime<Utc>) -> Select<integration::Entity> {
    let lease_until = || Expr::col((issue::Entity, issue::Column::SyncLeaseUntil));
    let due_at = || Expr::col((issue::Entity, issue::Column::SyncDueAt));
    let project = Expr::col((issue::Entity, issue::Column::ProjectId));
    let next_due = Query::select()
        .expr(due_at().min())
        .from(issue::Entity)
        .and_where(project.equals((integration::Entity, integration::Column::ProjectId)))
        .and_where(due_at().is_not_null())
        .and_where(lease_until().is_null().or(lease_until().lte(due_at())).or(lease_until().lte(now)))
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
    use app::model::id::{IntegrationId, IssueId, UserId};
    use app::model::issue::StatusKind;
    use app::model::provider::Provider;
    use migrations::Migrator;
    use sea_orm::ActiveValue::Set;
    use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryTrait};
    use sea_orm_migration::MigratorTrait;
    use uuid::Uuid;

    use super::*;
    use crate::entity::json::Strings;
    use crate::entity::search_text::SearchText;

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
        let steps = plan(&db, &select_projects(DateTime::UNIX_EPOCH)).await;
        assert!(steps.iter().any(|step| step.contains("issues_sync") && step.contains("project_id=?")), "{steps:?}");
    }

    #[tokio::test]
    async fn an_issue_that_is_rescheduled_while_a_worker_holds_it_waits_for_that_worker() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        db.execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
        let at = |seconds| DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds);
        let project = ProjectId(Uuid::from_u128(1));
        let integration = integration::ActiveModel {
            id: Set(IntegrationId(Uuid::from_u128(1))),
            project_id: Set(project),
            provider: Set(Provider::Github),
            base_url: Set(String::new()),
            repository: Set(String::new()),
            credentials: Set(Some(Vec::new())),
            created_at: Set(at(0)),
            ..Default::default()
        };
        integration::Entity::insert(integration).exec_without_returning(&db).await.unwrap();
        let issue = issue::ActiveModel {
            id: Set(IssueId(Uuid::from_u128(1))),
            project_id: Set(project),
            title: Set(String::new()),
            search: Set(SearchText::from_texts(&[])),
            description: Set(String::new()),
            status: Set(String::new()),
            status_kind: Set(StatusKind::Open),
            labels: Set(Strings::default()),
            author_id: Set(UserId(Uuid::from_u128(1))),
            created_at: Set(at(0)),
            updated_at: Set(at(0)),
            sync_due_at: Set(Some(at(10))),
            sync_lease_until: Set(Some(at(60))),
            sync_attempts: Set(0),
            ..Default::default()
        };
        issue::Entity::insert(issue).exec_without_returning(&db).await.unwrap();
        let due = async |now| {
            let row: (ProjectId, Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
                select_projects(now).into_tuple().one(&db).await.unwrap().unwrap();
            row.2
        };
        assert_eq!(due(at(20)).await, None);
        // The worker has stopped without giving the issue back.
        assert_eq!(due(at(60)).await, Some(at(10)));
    }
}
