//! Deletes history on request. A request is a row, so a restart continues it. Each batch is a transaction of its
//! own, and the batches are read outside of the writer, so that no writer waits for long. With the deliveries go
//! their attempts, and the events that no other delivery needs. With all deliveries of a project go also the events
//! that no webhook got.

use std::time::Duration;

use app::model::account::Credential;
use app::model::audit::AuditAction;
use app::model::id::{DeliveryId, EventId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, history_purge, project};
use crate::operations::retention_scan::{UNFINISHED_STATUSES, delete_unneeded, is_removable, unneeded_events};
use crate::storage::{Effect, Tx, report_outage};

/// Deliveries that are deleted in one transaction.
const BATCH_ROWS: u64 = 500;
/// How long to wait for deliveries in flight.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// How often to look for requests without a notification, e.g. of another node.
const IDLE_INTERVAL: Duration = Duration::from_secs(60);

/// Runs until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        let left = purge_all(&state, &shutdown).await.unwrap_or_else(|error| {
            report_outage(&error, "failed to delete history");
            true
        });
        let wait = if left { RETRY_INTERVAL } else { IDLE_INTERVAL };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.history.notified() => {}
            () = state.clock.sleep(wait) => {}
        }
    }
}

/// Whether something is left.
async fn purge_all(state: &AppState, shutdown: &CancellationToken) -> Result<bool, DbErr> {
    let open = history_purge::Entity::find().filter(history_purge::Column::FinishedAt.is_null());
    let mut left = false;
    for purge in open.order_by_asc(history_purge::Column::Id).all(state.store.read()).await? {
        left |= !run_one(state, &purge, shutdown).await?;
    }
    Ok(left)
}

/// False if something is left.
async fn run_one(state: &AppState, purge: &history_purge::Model, shutdown: &CancellationToken) -> Result<bool, DbErr> {
    loop {
        if shutdown.is_cancelled() {
            return Ok(false);
        }
        match delete_ended(state, purge, shutdown).await? {
            Deleted::All => break,
            Deleted::NotAll => return Ok(false),
            Deleted::MaybeMore => {}
        }
    }
    if let (None, Some(up_to)) = (purge.webhook_id, purge.up_to) {
        // Those that no webhook got.
        unneeded_events(state, purge.project_id, EventId(up_to.0), shutdown).await?;
        if shutdown.is_cancelled() {
            return Ok(false);
        }
    }
    // The last deliveries of a deleted webhook are ended by its worker.
    if purge.up_to.is_none() && select(purge).one(state.store.read()).await?.is_some() {
        return Ok(false);
    }
    finish(state, purge).await.map(|()| true)
}

/// What a search for ended deliveries has deleted.
enum Deleted {
    All,
    /// A digest has to pass its end on first, or the server stops.
    NotAll,
    /// All that had ended, but a digest may have passed its end on to others before it was deleted.
    MaybeMore,
}

/// Deletes what has ended, in batches.
async fn delete_ended(
    state: &AppState,
    purge: &history_purge::Model,
    shutdown: &CancellationToken,
) -> Result<Deleted, DbErr> {
    let mut after = DeliveryId(Uuid::nil());
    let (mut is_complete, mut has_deleted, mut has_unfinished) = (true, false, false);
    loop {
        if shutdown.is_cancelled() {
            return Ok(Deleted::NotAll);
        }
        let page: Vec<(DeliveryId, StoredStatus)> = select(purge)
            .select_only()
            .columns([delivery::Column::Id, delivery::Column::Status])
            .filter(delivery::Column::Id.gt(after))
            .order_by_asc(delivery::Column::Id)
            .limit(BATCH_ROWS)
            .into_tuple()
            .all(state.store.read())
            .await?;
        let Some(&(last, _)) = page.last() else { break };
        after = last;
        let found = page.len();
        let ended: Vec<_> =
            page.into_iter().filter(|(_, status)| !UNFINISHED_STATUSES.contains(status)).map(|(id, _)| id).collect();
        has_unfinished |= ended.len() < found;
        if !ended.is_empty() {
            has_deleted = true;
            is_complete &= delete_batch(state, purge, ended).await?;
        }
    }
    Ok(match (is_complete, has_deleted && has_unfinished) {
        (false, _) => Deleted::NotAll,
        (true, true) => Deleted::MaybeMore,
        (true, false) => Deleted::All,
    })
}

/// The deliveries of a request. Each of them has an index.
fn select(purge: &history_purge::Model) -> Select<delivery::Entity> {
    let mut select = delivery::Entity::find();
    if let Some(project) = purge.project_id {
        select = select.filter(delivery::Column::ProjectId.eq(project));
    }
    if let Some(webhook) = purge.webhook_id {
        select = select.filter(delivery::Column::WebhookId.eq(webhook));
    }
    if let Some(up_to) = purge.up_to {
        select = select.filter(delivery::Column::Id.lte(up_to));
    }
    select
}

/// Returns whether all were deleted. A digest stays until its end was passed on.
async fn delete_batch(state: &AppState, purge: &history_purge::Model, ended: Vec<DeliveryId>) -> Result<bool, DbErr> {
    let (id, count) = (purge.id, ended.len() as u64);
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let ended = delivery::Column::Id.is_in(ended).and(is_removable());
            let events: Vec<EventId> = delivery::Entity::find()
                .select_only()
                .column(delivery::Column::EventId)
                .filter(ended.clone())
                .filter(delivery::Column::EventId.is_not_null())
                .into_tuple()
                .all(tx.db())
                .await?;
            let deleted = delivery::Entity::delete_many().filter(ended).exec(tx.db()).await?.rows_affected;
            delete_unneeded(tx, events).await?;
            let is_complete = deleted == count;
            let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
            history_purge::Entity::update_many()
                .col_expr(history_purge::Column::Deleted, Expr::col(history_purge::Column::Deleted).add(deleted))
                .filter(history_purge::Column::Id.eq(id))
                .exec(tx.db())
                .await?;
            Ok(is_complete)
        })
    });
    change.await
}

/// Finishes it once, and writes the audit log.
async fn finish(state: &AppState, purge: &history_purge::Model) -> Result<(), DbErr> {
    let (state_in_tx, id, now) = (state.clone(), purge.id, state.clock.now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let finished = history_purge::Entity::update_many()
                .col_expr(history_purge::Column::FinishedAt, Expr::value(now))
                .filter(history_purge::Column::Id.eq(id))
                .filter(history_purge::Column::FinishedAt.is_null())
                .exec(tx.db())
                .await?;
            // Another node may have been faster.
            if finished.rows_affected == 0 {
                return Ok(());
            }
            match history_purge::Entity::find_by_id(id).one(tx.db()).await? {
                Some(row) => report(&state_in_tx, tx, row).await,
                None => Ok(()),
            }
        })
    });
    change.await
}

async fn report(state: &AppState, tx: &Tx<'_>, row: history_purge::Model) -> Result<(), DbErr> {
    let actor = row.actor_id.map(|id| Actor {
        id,
        name: row.actor_name,
        email: String::new(),
        system_admin: false,
        webhook_emails: false,
        credential: Credential::Internal,
    });
    let subject = match (row.webhook_id, row.project_id) {
        (Some(webhook), _) => webhook.to_string(),
        (None, Some(project)) => project.to_string(),
        (None, None) => "instance".to_owned(),
    };
    let entry = NewAuditEntry {
        project: row.project_id,
        actor: actor.as_ref(),
        action: AuditAction::HistoryCleared,
        subject,
        name: &row.subject_name,
        detail: Some(format!("Deliveries deleted: {}.", row.deleted)),
    };
    audit_log::record(state, tx, entry).await?;
    let projects = match row.project_id {
        Some(project) => vec![project],
        None => {
            let ids = project::Entity::find().select_only().column(project::Column::Id);
            ids.filter(project::Column::DeletedAt.is_null()).into_tuple().all(tx.db()).await?
        }
    };
    for project_id in projects {
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind: ChangeKind::HistoryCleared }));
    }
    Ok(())
}
