//! What waits while a webhook is disabled: nothing of it is lost. Its deliveries are `held`, out
//! of the queue; only tests sent by hand go out, so that a mended endpoint can be tried.
//!
//! Once a person has enabled the webhook again, what is still held is its backlog. Enabling
//! itself moves none of it: the lane takes the oldest, sends it, writes what came of it, and
//! takes the next, and goes on with the queue when none is left. So the backlog goes out in
//! order and no faster than the endpoint can take, on several nodes too; if the endpoint fails
//! again the rest is still held; and no statement is longer for a long backlog.

use app::model::delivery::DeliveryStatus;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::live::{Change, What};
use app::model::webhook::Health;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QuerySelect};

use super::queue::{Claimed, LEASE, RETURNED, statement};
use crate::core::Core;
use crate::entity::webhook;
use crate::storage::{Effect, Tx};

/// The most deliveries that one change holds or discards: some tens of milliseconds of the
/// writer's time.
const BATCH: u32 = 1000;
/// The most of them that browsers are told of one by one; who shows more reads its list again
/// with the webhook's own change.
const TOLD: usize = 50;

/// What may be sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The queue.
    Open,
    /// The backlog, one at a time, before the queue.
    Backlog,
    /// Tests only: the webhook is disabled.
    Closed,
}

/// What may be sent to an endpoint now. The backlog of a deleted webhook is open, to be given up.
///
/// # Errors
/// The database's own.
pub async fn gate(db: &impl ConnectionTrait, webhook: WebhookId) -> Result<Gate, DbErr> {
    const SQL: &str = "
        SELECT (health = 'disabled' AND deleted_at IS NULL) AS closed,
               EXISTS (SELECT 1 FROM deliveries WHERE webhook_id = webhooks.id AND status = 'held') AS held
        FROM webhooks WHERE id = $1";
    let Some(row) = db.query_one_raw(statement(db, SQL, [webhook.into()])).await? else { return Ok(Gate::Open) };
    Ok(match (row.try_get("", "closed")?, row.try_get("", "held")?) {
        (true, _) => Gate::Closed,
        (false, true) => Gate::Backlog,
        (false, false) => Gate::Open,
    })
}

/// Claims up to `limit` tests of an endpoint that are due.
///
/// # Errors
/// The database's own.
pub async fn claim_tests(core: &Core, webhook: WebhookId, limit: u32) -> Result<Vec<Claimed>, DbErr> {
    let now = core.clock.now();
    core.store
        .write(move |tx| {
            Box::pin(async move {
                let sql = format!(
                    "UPDATE deliveries SET lease_until = $4, next_attempt_at = $4 WHERE id IN (
                         SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at <= $2
                             AND test AND next_attempt_at IS NOT NULL
                         ORDER BY next_attempt_at, id LIMIT $3 {})
                     RETURNING {RETURNED}",
                    skip_locked(tx)
                );
                let values = [webhook.into(), now.into(), i64::from(limit).into(), (now + LEASE).into()];
                Claimed::find_by_statement(statement(tx.db(), &sql, values)).all(tx.db()).await
            })
        })
        .await
}

/// Claims the oldest delivery of the backlog, unless one of the endpoint's is under way.
///
/// # Errors
/// The database's own.
pub async fn claim_oldest(core: &Core, webhook: WebhookId) -> Result<Option<Claimed>, DbErr> {
    let now = core.clock.now();
    core.store
        .write(move |tx| {
            Box::pin(async move {
                // On several nodes one claims at a time, and sees what the other has claimed.
                let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
                if row.is_none_or(|row| row.health == Health::Disabled && row.deleted_at.is_none()) {
                    return Ok(None);
                }
                // Under a lease the next attempt stands at its end: a short range of the index.
                let sql = format!(
                    "UPDATE deliveries SET status = 'pending', lease_until = $3, next_attempt_at = $3 WHERE id = (
                         SELECT id FROM deliveries WHERE webhook_id = $1 AND status = 'held' ORDER BY id LIMIT 1)
                     AND NOT EXISTS (SELECT 1 FROM deliveries AS leased WHERE leased.webhook_id = $1
                         AND leased.next_attempt_at > $2 AND leased.next_attempt_at <= $3
                         AND leased.lease_until IS NOT NULL)
                     RETURNING {RETURNED}"
                );
                let values = [webhook.into(), now.into(), (now + LEASE).into()];
                Claimed::find_by_statement(statement(tx.db(), &sql, values)).one(tx.db()).await
            })
        })
        .await
}

/// Holds up to [`BATCH`] of what waits for a disabled webhook; what is under way is left to its
/// holder, until its lease runs out. Tells whether there may be more.
///
/// # Errors
/// The database's own.
pub async fn hold(tx: &Tx<'_>, project: ProjectId, webhook: WebhookId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = format!(
        "UPDATE deliveries SET status = 'held', next_attempt_at = NULL, lease_until = NULL WHERE id IN (
             SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL
                 AND (lease_until IS NULL OR lease_until <= $2) AND NOT test
             ORDER BY next_attempt_at, id LIMIT $3 {})
         RETURNING id",
        skip_locked(tx)
    );
    let rows =
        tx.db().query_all_raw(statement(tx.db(), &sql, [webhook.into(), now.into(), i64::from(BATCH).into()])).await?;
    let held = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<_>, _>>()?;
    Ok(tell(tx, project, webhook, held))
}

/// [`hold`] in a change of its own.
///
/// # Errors
/// The database's own.
pub async fn hold_more(core: &Core, webhook: WebhookId) -> Result<bool, DbErr> {
    let now = core.clock.now();
    core.store
        .write(move |tx| {
            Box::pin(async move {
                let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
                match row {
                    Some(row) if row.health == Health::Disabled => hold(tx, row.project_id, webhook, now).await,
                    _ => Ok(false),
                }
            })
        })
        .await
}

/// Discards up to [`BATCH`] of what is held, the oldest first. Tells whether there may be more.
///
/// # Errors
/// The database's own.
pub async fn discard(
    tx: &Tx<'_>,
    project: ProjectId,
    webhook: WebhookId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const SQL: &str = "
        UPDATE deliveries SET status = $2, error = $3, finished_at = $4 WHERE id IN (
            SELECT id FROM deliveries WHERE webhook_id = $1 AND status = 'held' ORDER BY id LIMIT $5)
        RETURNING id";
    let discarded = DeliveryStatus::Discarded.as_str();
    let values = [webhook.into(), discarded.into(), why.into(), now.into(), i64::from(BATCH).into()];
    let rows = tx.db().query_all_raw(statement(tx.db(), SQL, values)).await?;
    let ids = rows.iter().map(|row| row.try_get("", "id")).collect::<Result<Vec<_>, _>>()?;
    Ok(tell(tx, project, webhook, ids))
}

/// The endpoints that have a backlog, at most `limit`; hops through the index of what is held.
///
/// # Errors
/// The database's own.
pub async fn waiting(db: &impl ConnectionTrait, limit: u32) -> Result<Vec<WebhookId>, DbErr> {
    const SQL: &str = "
        WITH RECURSIVE endpoint(id) AS (
            SELECT id FROM (SELECT webhook_id AS id FROM deliveries WHERE status = 'held'
                            ORDER BY webhook_id LIMIT 1) AS first
            UNION ALL
            SELECT (SELECT webhook_id FROM deliveries WHERE status = 'held'
                    AND webhook_id > endpoint.id ORDER BY webhook_id LIMIT 1)
            FROM endpoint WHERE endpoint.id IS NOT NULL
        )
        SELECT webhooks.id FROM endpoint JOIN webhooks ON webhooks.id = endpoint.id
        WHERE health <> 'disabled' OR deleted_at IS NOT NULL LIMIT $1";
    db.query_all_raw(statement(db, SQL, [i64::from(limit).into()]))
        .await?
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect()
}

/// Tells the browsers; whether there may be more than these.
fn tell(tx: &Tx<'_>, project_id: ProjectId, webhook_id: WebhookId, mut ids: Vec<DeliveryId>) -> bool {
    ids.sort_unstable();
    for &delivery_id in ids.iter().rev().take(TOLD) {
        tx.after_commit(Effect::Live(Change { project_id, what: What::DeliveryChanged { delivery_id, webhook_id } }));
    }
    tx.after_commit_once(Effect::Live(Change { project_id, what: What::WebhookChanged { webhook_id } }));
    ids.len() == BATCH as usize
}

fn skip_locked(tx: &Tx<'_>) -> &'static str {
    match tx.db().get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}
