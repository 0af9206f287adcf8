//! The loop that reads issues from their trackers. Whatever an event said, the tracker knows
//! better: an event may be late, be lost, or say only a part.
//!
//! An issue that is to be read has `sync_due_at`: one column, so that a hundred events come to
//! one reading. Who reads it holds a lease, and meanwhile `sync_due_at` is the end of that
//! lease: after a crash the issue is due again by itself, and when an event comes during the
//! reading the two differ, which says that it must be read once more.
//!
//! Each project has one reader at a time, and there are only so many readers: a slow tracker
//! holds up its own project alone. How long a tracker asks to wait stands in its integration, so
//! that all its issues wait, on every node.

use std::collections::HashMap;
use std::time::Duration;

use app::model::id::{IssueId, ProjectId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::entity::{integration, issue};
use crate::storage::{Effect, Tx};

/// Projects that are read for at the same time.
const READERS: usize = 8;
/// How long an issue waits for more events before it is read.
const GATHER: Duration = Duration::from_secs(1);
/// The longest sleep: what another node's crash left behind is found then.
const ROUND: Duration = Duration::from_secs(60);
/// The wait after the database failed.
const PAUSE: Duration = Duration::from_secs(5);

/// Runs until `shutdown`. Readings under way are dropped then; their leases run out.
pub async fn run(core: Core, shutdown: CancellationToken) {
    let mut readers = JoinSet::new();
    let mut projects: HashMap<Id, ProjectId> = HashMap::new();
    loop {
        let busy: Vec<ProjectId> = projects.values().copied().collect();
        let wake = match core.due_projects(&busy).await {
            Ok((due, wake)) => {
                for project in due {
                    let core = core.clone();
                    let reader = readers.spawn(async move { core.read_all(project).await });
                    projects.insert(reader.id(), project);
                }
                wake
            }
            Err(error) => {
                tracing::error!(%error, "the issues to read could not be found");
                core.clock.now() + PAUSE
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = core.sync.notified() => {}
            () = core.clock.sleep_until(wake) => {}
            Some(ended) = readers.join_next_with_id() => {
                let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
                projects.remove(&id);
            }
        }
    }
}

impl Core {
    /// Marks an issue to be read, within the change of the event. A time that was set before
    /// stays: neither does a stream of events put the reading off, nor does it get around the
    /// wait after a failure.
    pub(super) async fn read_soon(&self, tx: &Tx<'_>, issue: IssueId) -> Result<(), DbErr> {
        let soon = self.clock.now() + GATHER;
        let due = || Expr::col(issue::Column::SyncDueAt);
        let is_free: SimpleExpr = due().is_null().or(due().eq(Expr::col(issue::Column::SyncLeaseUntil)));
        issue::Entity::update_many()
            .col_expr(issue::Column::SyncDueAt, CaseStatement::new().case(is_free, soon).finally(due()).into())
            .filter(issue::Column::Id.eq(issue))
            .exec(tx.db())
            .await?;
        tx.after_commit(Effect::Sync);
        Ok(())
    }

    /// Projects that have an issue to read now and no reader, and when to look again.
    async fn due_projects(&self, busy: &[ProjectId]) -> Result<(Vec<ProjectId>, DateTime<Utc>), DbErr> {
        let (db, now) = (self.store.read(), self.clock.now());
        let free = READERS.saturating_sub(busy.len()) as u64;
        let due: Vec<ProjectId> = issue::Entity::find()
            .select_only()
            .column(issue::Column::ProjectId)
            .distinct()
            .filter(issue::Column::SyncDueAt.lte(now))
            .filter(issue::Column::ProjectId.in_subquery(readable(now)))
            .filter(issue::Column::ProjectId.is_not_in(busy.iter().copied()))
            .limit(free)
            .into_tuple()
            .all(db)
            .await?;
        let next_due: Option<Option<DateTime<Utc>>> = issue::Entity::find()
            .select_only()
            .column_as(issue::Column::SyncDueAt.min(), "next")
            .filter(issue::Column::SyncDueAt.gt(now))
            .into_tuple()
            .one(db)
            .await?;
        let next_pause: Option<Option<DateTime<Utc>>> = integration::Entity::find()
            .select_only()
            .column_as(integration::Column::PausedUntil.min(), "next")
            .filter(integration::Column::PausedUntil.gt(now))
            .into_tuple()
            .one(db)
            .await?;
        let wake = [next_due.flatten(), next_pause.flatten()].into_iter().flatten().fold(now + ROUND, Ord::min);
        Ok((due, wake))
    }

    /// Reads the due issues of a project one after the other.
    async fn read_all(&self, project: ProjectId) {
        loop {
            match self.read_next(project).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::error!(%error, %project, "an issue could not be read");
                    self.clock.sleep(PAUSE).await;
                    return;
                }
            }
        }
    }
}

/// The projects whose tracker can be asked now.
fn readable(now: DateTime<Utc>) -> sea_orm::sea_query::SelectStatement {
    let paused = Expr::col(integration::Column::PausedUntil);
    Query::select()
        .column(integration::Column::ProjectId)
        .from(integration::Entity)
        .and_where(Expr::col(integration::Column::Credentials).is_not_null())
        .and_where(paused.clone().is_null().or(paused.lte(now)))
        .to_owned()
}
