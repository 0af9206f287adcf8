//! Cancels deliveries in batches, so that no writer waits long.

use app::model::delivery::DeliveryStatus;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::held::{notify_changed, skip_locked};
use super::{MAX_BATCH, statement};
use crate::app_state::AppState;
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
    // Two statements, because each uses its own index.
    let queued = cancel(tx, webhook, why, times, ("next_attempt_at IS NOT NULL", "next_attempt_at, id", limit)).await?;
    let held = cancel(tx, webhook, why, times, ("status = 'held'", "id", limit.saturating_sub(queued))).await?;
    Ok(queued + held)
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
    let read = |row: &sea_orm::QueryResult| Ok((row.try_get("", "id")?, row.try_get("", "project_id")?));
    let cancelled = rows.iter().map(read).collect::<Result<Vec<(DeliveryId, ProjectId)>, DbErr>>()?;
    if let Some((_, project)) = cancelled.first() {
        notify_changed(tx, *project, webhook, cancelled.iter().map(|(id, _)| *id).collect());
        count_cancelled(cancelled.len());
    }
    Ok(u32::try_from(cancelled.len()).unwrap_or_default())
}
