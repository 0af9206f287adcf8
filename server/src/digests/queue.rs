//! The deliveries that wait for a digest or are covered by one, found by indexes that hold only these.

use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement, Value,
};

use crate::dispatch::delivery_queue::COLLECTED;
use crate::entity::delivery::{Column, Entity, StoredStatus};
use crate::storage::Tx;

/// Deliveries that are read or changed at once.
pub const BATCH_ROWS: u64 = 500;
/// The maximum number of deliveries that a digest covers. The rest is in another one, at once.
pub const MAX_COVERED: u64 = 10_000;
/// What digests cover that have not ended. The text is that of the partial index.
pub const OPEN: &str = "status = 'pending' AND digest_delivery_id IS NOT NULL";

/// Digests that still have something to do: they are being made, or their end was not passed on. The text is that of the
/// partial index.
pub const MARKED: &str = "event_type = 'webhook.digest' AND digest_delivery_id IS NOT NULL";

/// The maximum number of endpoints of one check.
const MAX_ENDPOINTS: u64 = 1024;

/// A changed delivery, and its project.
pub type Changed = (DeliveryId, ProjectId);

/// The first digest after another one that has not ended, or whose end was not passed on to all that it covers.
#[must_use]
pub fn select_open(webhook: WebhookId, after: DeliveryId) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::DigestDeliveryId)
        .filter(Column::WebhookId.eq(webhook))
        .filter(Expr::cust(OPEN))
        .filter(Column::EventType.ne(DIGEST_EVENT))
        .filter(Column::DigestDeliveryId.gt(after))
        .order_by_asc(Column::DigestDeliveryId)
        .limit(1)
}

/// The first digest after another one that still has something to do.
#[must_use]
pub fn select_marked(webhook: WebhookId, after: DeliveryId) -> Select<Entity> {
    Entity::find()
        .filter(Column::WebhookId.eq(webhook))
        .filter(Expr::cust(MARKED))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(1)
}

/// What waits for a digest, oldest first.
#[must_use]
pub fn select_collected(webhook: WebhookId) -> Select<Entity> {
    Entity::find().filter(Column::WebhookId.eq(webhook)).filter(Expr::cust(COLLECTED)).order_by_asc(Column::Id)
}

/// What a digest covers.
#[must_use]
pub fn select_covered(digest: DeliveryId) -> Select<Entity> {
    Entity::find().filter(Column::DigestDeliveryId.eq(digest)).filter(Column::EventType.ne(DIGEST_EVENT))
}

/// The replays of a digest, oldest first.
#[must_use]
pub fn select_replays(digest: DeliveryId) -> Select<Entity> {
    let chain = Entity::find().filter(Column::ReplayRoot.eq(digest)).filter(Column::Id.ne(digest));
    chain.order_by_asc(Column::Id)
}

/// Those that were delivered.
#[must_use]
pub fn select_delivered_replays(digest: DeliveryId) -> Select<Entity> {
    select_replays(digest).filter(Column::Status.eq(StoredStatus::Delivered))
}

/// When the next digest is due, whose oldest event was queued at `oldest`.
#[must_use]
pub fn due_at(
    oldest: DateTime<Utc>,
    interval: TimeDelta,
    next_digest_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    // A time further ahead than the interval is left from a clock that was set back: it has waited long enough.
    let due = if oldest > now + interval { now } else { oldest + interval };
    // This one may also be left from a longer interval.
    let next = next_digest_at.filter(|next| *next <= now + interval);
    next.map_or(due, |next| due.max(next))
}

/// The endpoints that have such deliveries, found by skipping through the index.
///
/// # Errors
/// Those of the database.
pub async fn endpoints(db: &impl ConnectionTrait, which: &str) -> Result<Vec<WebhookId>, DbErr> {
    let sql = format!(
        "WITH RECURSIVE endpoint(id) AS (
            SELECT id FROM (SELECT webhook_id AS id FROM deliveries WHERE {which}
                            ORDER BY webhook_id LIMIT 1) AS first
            UNION ALL
            SELECT (SELECT webhook_id FROM deliveries WHERE {which}
                    AND webhook_id > endpoint.id ORDER BY webhook_id LIMIT 1)
            FROM endpoint WHERE endpoint.id IS NOT NULL
        )
        SELECT id FROM endpoint WHERE id IS NOT NULL LIMIT {MAX_ENDPOINTS}"
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// Changes up to [`BATCH_ROWS`] deliveries of a webhook, oldest first. `$2` and the following are `values`.
pub async fn change_batch(
    tx: &Tx<'_>,
    webhook: WebhookId,
    (which, set): (&str, &str),
    values: Vec<Value>,
) -> Result<Vec<Changed>, DbErr> {
    let engine = tx.db().get_database_backend();
    let lock = if engine == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE deliveries SET {set} WHERE id IN (
             SELECT id FROM deliveries WHERE webhook_id = $1 AND {which} ORDER BY id LIMIT {BATCH_ROWS} {lock})
         RETURNING id, project_id"
    );
    let values = std::iter::once(webhook.into()).chain(values);
    let rows = tx.db().query_all_raw(Statement::from_sql_and_values(engine, sql, values)).await?;
    let mut changed = rows
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "project_id")?)))
        .collect::<Result<Vec<Changed>, DbErr>>()?;
    changed.sort_unstable();
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_due_an_interval_after_its_first_event_and_after_the_last_digest() {
        let minute = |minute| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let due = |next| due_at(minute(10), TimeDelta::minutes(5), next, minute(11));
        assert_eq!(due(None), minute(15));
        assert_eq!(due(Some(minute(13))), minute(15));
        assert_eq!(due(Some(minute(16))), minute(16));
        assert_eq!(due(Some(minute(17))), minute(15), "left from a longer interval");
        let set_back = due_at(minute(70), TimeDelta::minutes(5), None, minute(11));
        assert_eq!(set_back, minute(11), "the clock was set back by an hour");
    }
}
