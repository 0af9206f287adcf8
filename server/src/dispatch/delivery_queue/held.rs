//! Which deliveries of a webhook may be sent: many at a time, one at a time, or none.
//!
//! While a webhook is disabled, inactive or paused with all webhooks, its deliveries are `held`: outside of the
//! queue, but not lost. Only manual tests are sent, so that a user can check the endpoint.
//!
//! Re-enabling the webhook moves nothing. The endpoint worker sends the oldest held delivery, waits
//! for its result, takes the next one, and continues with the queue when none is left. So held
//! deliveries are sent in order and no faster than the endpoint can take, on several nodes too. If
//! the endpoint fails again, the rest stays held. No statement depends on their number. Degraded
//! and paused webhooks send their queue in the same way.

use std::collections::BTreeSet;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::webhook::Health;
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QuerySelect, Statement,
};

use super::cancel::drop_queued;
use super::{ClaimOrder, Claimed, LEASE_DURATION, MAX_BATCH, RETURNED, count_cancelled, statement};
use crate::app_state::AppState;
use crate::dispatch::health::HealthState;
use crate::dispatch::recovery;
use crate::entity::delivery::StoredStatus;
use crate::entity::webhook::{self, Blocked};
use crate::events::WEBHOOK_INACTIVE;
use crate::storage::{Effect, Tx};

/// The maximum number of changed deliveries for which browsers are notified one by one. A list with
/// more is read again when the webhook changes.
const MAX_NOTIFIED: usize = 50;

/// What may be sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DispatchMode {
    /// The queue, as many at a time as the endpoint may have in flight.
    Parallel,
    /// One at a time, held deliveries before the queue: some are held, or the endpoint has
    /// problems.
    OneAtATime,
    /// Only tests, until a pause ends: the endpoint asked to wait, or failed.
    Paused,
    /// Only tests: the webhook is disabled, inactive or paused with all webhooks.
    Disabled,
}

/// The mode of an endpoint at `now` on the schedule.
#[must_use]
pub fn mode_of(row: &webhook::Model, has_held: bool, now: DateTime<Utc>) -> DispatchMode {
    let state = HealthState::from_row(row);
    match row.blocked() {
        Some(_) => DispatchMode::Disabled,
        _ if state.is_paused(now) => DispatchMode::Paused,
        _ if has_held || state.is_one_at_a_time() => DispatchMode::OneAtATime,
        _ => DispatchMode::Parallel,
    }
}

/// Claims up to `limit` tests of an endpoint that are due.
pub async fn claim_tests(state: &AppState, webhook: WebhookId, limit: u32) -> Result<Vec<Claimed>, DbErr> {
    let now = state.clock.schedule_now();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let claim = claim_tests_statement(tx.db().get_database_backend(), webhook, now, limit);
                Claimed::find_by_statement(claim).all(tx.db()).await
            })
        })
        .await
}

/// The statement of [`claim_tests`].
#[must_use]
pub fn claim_tests_statement(engine: DbBackend, webhook: WebhookId, now: DateTime<Utc>, limit: u32) -> Statement {
    let sql = format!(
        "UPDATE deliveries SET lease_until = $4, next_attempt_at = $4 WHERE id IN (
             SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at <= $2
                 AND test AND next_attempt_at IS NOT NULL
             ORDER BY next_attempt_at, id LIMIT $3 {})
         RETURNING {RETURNED}, FALSE AS was_held, FALSE AS is_probe",
        skip_locked(engine)
    );
    let values = [webhook.into(), now.into(), i64::from(limit).into(), (now + LEASE_DURATION).into()];
    Statement::from_sql_and_values(engine, sql, values)
}

/// Claims the oldest held delivery or, if none is held, the one in the queue that has been due for
/// longest. Claims none while another one of the endpoint is in flight, on any node.
pub async fn claim_oldest(state: &AppState, webhook: WebhookId) -> Result<Option<Claimed>, DbErr> {
    let now = state.clock.schedule_now();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                // On several nodes one claims at a time, and sees what the others have claimed.
                let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
                let Some(row) = row.filter(|row| mode_of(row, true, now) == DispatchMode::OneAtATime) else {
                    return Ok(None);
                };
                let order = ClaimOrder::of(&DeliveryPolicy::from(&row.policy));
                for candidate in [Candidate::Held, Candidate::Due] {
                    // With a digest, what was held is a part of it.
                    if matches!(candidate, Candidate::Held) && row.digest_interval().is_some() {
                        continue;
                    }
                    let claim = claim_oldest_statement(tx.db().get_database_backend(), webhook, order, candidate, now);
                    let claimed = Claimed::find_by_statement(claim).one(tx.db()).await?;
                    if claimed.is_some() {
                        return Ok(claimed);
                    }
                }
                Ok(None)
            })
        })
        .await
}

/// Claims the oldest held delivery of a disabled webhook whose next probe is due, and schedules the one after
/// it. Without a held delivery, the probe waits.
pub async fn claim_probe(state: &AppState, webhook: WebhookId) -> Result<Option<Claimed>, DbErr> {
    let now = state.clock.schedule_now();
    let claim = state.store.write(move |tx| {
        Box::pin(async move {
            let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
            let is_due = |row: &webhook::Model| {
                let is_due = row.next_probe_at.is_some_and(|due| due <= now);
                row.is_running() && row.deleted_at.is_none() && row.health == Health::Disabled && is_due
            };
            let Some(row) = row.filter(is_due) else { return Ok(None) };
            let claim = {
                let (engine, order) = (tx.db().get_database_backend(), ClaimOrder::Due);
                claim_oldest_statement(engine, webhook, order, Candidate::Probe, now)
            };
            let claimed = Claimed::find_by_statement(claim).one(tx.db()).await?;
            let made = row.recovery_probes.unsigned_abs() + u32::from(claimed.is_some());
            let next = match claimed {
                Some(_) => recovery::next_probe(made, now),
                None => Some(now + recovery::EMPTY_PROBE_DELAY),
            };
            let change = webhook::ActiveModel {
                recovery_probes: Set(i32::try_from(made).unwrap_or(i32::MAX)),
                next_probe_at: Set(next),
                ..Default::default()
            };
            webhook::Entity::update_many().set(change).filter(webhook::Column::Id.eq(webhook)).exec(tx.db()).await?;
            Ok(claimed)
        })
    });
    claim.await
}

/// Which delivery [`claim_oldest`] claims.
#[derive(Clone, Copy, Debug)]
pub enum Candidate {
    /// The oldest held one.
    Held,
    /// The oldest held one of a disabled webhook.
    Probe,
    /// The one that has been due for longest.
    Due,
}

/// A statement of [`claim_oldest`].
#[must_use]
pub fn claim_oldest_statement(
    engine: DbBackend,
    webhook: WebhookId,
    order: ClaimOrder,
    candidate: Candidate,
    now: DateTime<Utc>,
) -> Statement {
    let (waits, by, was_held, is_probe) = match candidate {
        Candidate::Held => ("status = 'held'", "id", true, false),
        Candidate::Probe => ("status = 'held'", "id", true, true),
        Candidate::Due => ("next_attempt_at <= $2", "next_attempt_at, id", false, false),
    };
    let first = order.condition();
    // The condition is repeated for PostgreSQL: if a user cancels the delivery meanwhile, only the outer
    // conditions are checked again.
    // A leased delivery has its next attempt at the end of the lease, so a short range of the index is
    // enough.
    let sql = format!(
        "UPDATE deliveries SET status = 'pending', lease_until = $3, next_attempt_at = $3
         WHERE id = (SELECT id FROM deliveries WHERE webhook_id = $1 AND {waits} {first} ORDER BY {by} LIMIT 1)
         AND {waits} AND NOT EXISTS (SELECT 1 FROM deliveries AS leased WHERE leased.webhook_id = $1
             AND leased.next_attempt_at > $2 AND leased.next_attempt_at <= $3
             AND leased.lease_until IS NOT NULL)
         RETURNING {RETURNED}, {was_held} AS was_held, {is_probe} AS is_probe"
    );
    Statement::from_sql_and_values(engine, sql, [webhook.into(), now.into(), (now + LEASE_DURATION).into()])
}

/// Holds up to [`MAX_BATCH`] queued deliveries of a webhook that is disabled or inactive. Deliveries in flight stay
/// with their holder until the lease expires. Returns whether there may be more.
pub async fn hold(tx: &Tx<'_>, webhook: WebhookId, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let sql = format!(
        "UPDATE deliveries SET status = 'held', next_attempt_at = NULL, lease_until = NULL WHERE id IN (
             SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL
                 AND (lease_until IS NULL OR lease_until <= $2) AND NOT test
             ORDER BY next_attempt_at, id LIMIT $3 {})
         RETURNING id, project_id",
        skip_locked(tx.db().get_database_backend())
    );
    let rows = tx
        .db()
        .query_all_raw(statement(tx.db(), &sql, [webhook.into(), now.into(), i64::from(MAX_BATCH).into()]))
        .await?;
    Ok(notify_changed(tx, webhook, changed_ids(&rows)?))
}

/// Holds or cancels a batch of what waits for a webhook that sends nothing, in a transaction of its own.
/// Returns whether there may be more.
pub async fn hold_more(state: &AppState, webhook: WebhookId) -> Result<bool, DbErr> {
    let (wall, now) = (state.clock.now(), state.clock.schedule_now());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
                let Some(row) = row else { return Ok(false) };
                match row.blocked() {
                    Some(Blocked::Held) => hold(tx, webhook, now).await,
                    Some(Blocked::Dropped) => drop_queued(tx, webhook, WEBHOOK_INACTIVE, (wall, now)).await,
                    None => Ok(false),
                }
            })
        })
        .await
}

/// Cancels up to [`MAX_BATCH`] held deliveries, oldest first. Returns whether there may be more.
pub async fn discard(tx: &Tx<'_>, webhook: WebhookId, why: &str, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let rows = tx.db().query_all_raw(discard_statement(tx.db().get_database_backend(), webhook, why, now)).await?;
    let ids = changed_ids(&rows)?;
    count_cancelled(ids.len());
    Ok(notify_changed(tx, webhook, ids))
}

/// The statement of [`discard`].
#[must_use]
pub fn discard_statement(engine: DbBackend, webhook: WebhookId, why: &str, now: DateTime<Utc>) -> Statement {
    const SQL: &str = "
        UPDATE deliveries SET status = $2, error = $3, finished_at = $4 WHERE id IN (
            SELECT id FROM deliveries WHERE webhook_id = $1 AND status = 'held' ORDER BY id LIMIT $5)
        RETURNING id, project_id";
    let discarded = StoredStatus::Discarded.to_value();
    let values = [webhook.into(), discarded.into(), why.into(), now.into(), i64::from(MAX_BATCH).into()];
    Statement::from_sql_and_values(engine, SQL, values)
}

/// Up to `limit` endpoints that have held deliveries to send, found by skipping through the index.
pub async fn endpoints_with_held(db: &impl ConnectionTrait, limit: u32) -> Result<Vec<WebhookId>, DbErr> {
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
        WHERE (health <> 'disabled' AND active AND NOT instance_paused) OR deleted_at IS NOT NULL LIMIT $1";
    db.query_all_raw(statement(db, SQL, [i64::from(limit).into()]))
        .await?
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect()
}

/// The IDs of changed deliveries with their projects.
pub(super) fn changed_ids(rows: &[sea_orm::QueryResult]) -> Result<Vec<(DeliveryId, ProjectId)>, DbErr> {
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "project_id")?))).collect()
}

/// Notifies the browsers. Returns whether there may be more deliveries.
pub(super) fn notify_changed(tx: &Tx<'_>, webhook_id: WebhookId, mut ids: Vec<(DeliveryId, ProjectId)>) -> bool {
    ids.sort_unstable();
    for &(delivery_id, project_id) in ids.iter().rev().take(MAX_NOTIFIED) {
        let kind = ChangeKind::DeliveryChanged { delivery_id, webhook_id };
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
    }
    let projects: BTreeSet<ProjectId> = ids.iter().map(|(_, project)| *project).collect();
    for project_id in projects {
        let kind = ChangeKind::WebhookChanged { webhook_id };
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
    }
    ids.len() == MAX_BATCH as usize
}

pub(super) fn skip_locked(engine: DbBackend) -> &'static str {
    match engine {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    }
}
