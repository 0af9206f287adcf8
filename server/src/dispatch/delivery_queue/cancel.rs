//! Cancels deliveries in batches, so that no writer waits long.

use app::model::delivery::DeliveryStatus;
use app::model::id::{ProjectId, WebhookId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, QuerySelect};

use super::held::{changed_ids, notify_changed, skip_locked};
use super::{COLLECTED, MAX_BATCH, statement};
use crate::app_state::AppState;
use crate::entity::webhook::{self, Blocked};
use crate::events::WEBHOOK_INACTIVE;
use crate::storage::Tx;

/// Cancels up to `limit` deliveries of a deleted webhook, including held ones. Deliveries in flight
/// stay with their holder until the lease expires. Returns how many were cancelled.
pub async fn give_up(
    tx: &Tx<'_>,
    webhook: WebhookId,
    why: &str,
    times: (DateTime<Utc>, DateTime<Utc>),
    limit: u32,
) -> Result<u32, DbErr> {
    // Three statements, because each uses its own index.
    let queued = cancel(tx, webhook, why, times, ("next_attempt_at IS NOT NULL", "next_attempt_at, id", limit)).await?;
    let held = cancel(tx, webhook, why, times, ("status = 'held'", "id", limit.saturating_sub(queued))).await?;
    let left = limit.saturating_sub(queued + held);
    let collected = cancel(tx, webhook, why, times, (COLLECTED, "id", left)).await?;
    Ok(queued + held + collected)
}

/// [`give_up`] for one batch, in a transaction of its own. Returns whether there may be more.
pub async fn give_up_batch(state: &AppState, webhook: WebhookId, why: &'static str) -> Result<bool, DbErr> {
    let times = (state.clock.now(), state.clock.schedule_now());
    let change =
        state.store.write(move |tx| Box::pin(async move { give_up(tx, webhook, why, times, MAX_BATCH).await }));
    Ok(change.await? == MAX_BATCH)
}

/// Cancels a batch of queued deliveries, but no held ones and no tests. Returns whether there may be more.
pub async fn drop_queued(
    tx: &Tx<'_>,
    webhook: WebhookId,
    why: &str,
    times: (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbErr> {
    let queued = ("next_attempt_at IS NOT NULL AND NOT test", "next_attempt_at, id", MAX_BATCH);
    Ok(cancel(tx, webhook, why, times, queued).await? == MAX_BATCH)
}

/// Cancels a batch of what waits for a digest of a webhook that drops events, in a transaction of its own. Returns
/// whether there may be more.
pub async fn drop_collected_batch(state: &AppState, webhook: WebhookId) -> Result<bool, DbErr> {
    let times = (state.clock.now(), state.clock.schedule_now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // It may have been activated since it was read, and what was collected then is to be sent.
            let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
            match row.and_then(|row| row.blocked()) {
                Some(Blocked::Dropped) => {
                    cancel(tx, webhook, WEBHOOK_INACTIVE, times, (COLLECTED, "id", MAX_BATCH)).await
                }
                Some(Blocked::Held) | None => Ok(0),
            }
        })
    });
    Ok(change.await? == MAX_BATCH)
}

/// Cancels a batch of what a webhook has still to send of these projects, in a transaction of its own. All of them at
/// once, so that a long queue is not read for each. Returns whether there may be more.
pub async fn give_up_projects_batch(
    state: &AppState,
    webhook: WebhookId,
    projects: &[ProjectId],
    why: &'static str,
) -> Result<bool, DbErr> {
    if projects.is_empty() {
        return Ok(false);
    }
    let times = (state.clock.now(), state.clock.schedule_now());
    let engine = state.store.read().get_database_backend();
    let ids: Vec<_> = projects.iter().map(|project| literal(engine, *project)).collect();
    let of_project = format!("project_id IN ({})", ids.join(", "));
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let queued = format!("next_attempt_at IS NOT NULL AND {of_project}");
            let queued = cancel(tx, webhook, why, times, (&queued, "next_attempt_at, id", MAX_BATCH)).await?;
            let held = format!("status = 'held' AND {of_project}");
            let held = cancel(tx, webhook, why, times, (&held, "id", MAX_BATCH.saturating_sub(queued))).await?;
            let left = MAX_BATCH.saturating_sub(queued + held);
            let collected = format!("{COLLECTED} AND {of_project}");
            let collected = cancel(tx, webhook, why, times, (&collected, "id", left)).await?;
            Ok::<_, DbErr>(queued + held + collected)
        })
    });
    Ok(change.await? == MAX_BATCH)
}

/// An ID as SQL; it has nothing but hexadecimal digits and dashes.
fn literal(engine: DbBackend, project: ProjectId) -> String {
    match engine {
        DbBackend::Postgres => format!("'{}'", project.0),
        _ => format!("X'{}'", project.0.simple()),
    }
}

/// Counts cancelled deliveries for the metrics.
pub fn count_cancelled(count: usize) {
    let count = u64::try_from(count).unwrap_or_default();
    metrics::counter!("testbell_deliveries_total", "status" => DeliveryStatus::Cancelled.as_str()).increment(count);
}

async fn cancel(
    tx: &Tx<'_>,
    webhook: WebhookId,
    why: &str,
    (now, due): (DateTime<Utc>, DateTime<Utc>),
    (waiting, order, limit): (&str, &str, u32),
) -> Result<u32, DbErr> {
    let sql = format!(
        "UPDATE deliveries SET status = 'discarded', error = $2, finished_at = $3, next_attempt_at = NULL,
             lease_until = NULL
         WHERE id IN (SELECT id FROM deliveries WHERE webhook_id = $1 AND {waiting}
             AND (lease_until IS NULL OR lease_until <= $5) ORDER BY {order} LIMIT $4 {})
         RETURNING id, project_id",
        skip_locked(tx.db().get_database_backend())
    );
    let values = [webhook.into(), why.into(), now.into(), i64::from(limit).into(), due.into()];
    let rows = tx.db().query_all_raw(statement(tx.db(), &sql, values)).await?;
    let cancelled = changed_ids(&rows)?;
    count_cancelled(cancelled.len());
    let count = u32::try_from(cancelled.len()).unwrap_or_default();
    notify_changed(tx, webhook, cancelled);
    Ok(count)
}
