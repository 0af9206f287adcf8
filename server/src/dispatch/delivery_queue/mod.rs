//! The queue is the table of deliveries. One statement claims due deliveries with a lease. The
//! holder of the lease sends, and only the holder may record the result. If the holder is gone, the
//! lease expires and the delivery is due again: it is sent again, never lost.

mod cancel;
pub mod held;
pub(super) mod rate;
pub(super) mod startup;
pub(super) mod sweep;

use std::time::Duration;

use app::model::delivery_policy::{DeliveryPolicy, MAX_TIMEOUT_SECONDS};
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use chrono::{DateTime, Utc};
use sea_orm::prelude::DateTimeUtc;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use crate::app_state::AppState;

pub use cancel::{count_cancelled, drop_collected_batch, give_up, give_up_batch, give_up_projects_batch};

/// The columns of a [`Claimed`], without `was_held` and `is_probe`.
pub(super) const RETURNED: &str = "id, project_id, webhook_id, event_id, event_type, attempts, paused_attempts, test, created_at, lease_until, (SELECT url FROM \
     webhooks WHERE webhooks.id = deliveries.webhook_id) AS sealed_url";

/// Why deliveries of a deleted webhook ended.
pub const WEBHOOK_DELETED: &str = "The webhook was deleted before this was sent.";
/// Why deliveries of a project ended whose events the webhook no longer sends.
pub const PROJECT_REMOVED: &str = "The webhook no longer sends the events of this project.";
/// Why deliveries of a deleted project ended.
pub const PROJECT_DELETED: &str = "The project was deleted before this was sent.";

/// Why a digest ended whose webhook sends to something else than a chat tool now.
pub const NO_DIGESTS: &str = "The webhook no longer sends to a chat tool.";

/// What waits for a digest. The text is that of the partial index.
pub const COLLECTED: &str = "status = 'pending' AND next_attempt_at IS NULL AND digest_delivery_id IS NULL";

/// The maximum number of deliveries that one transaction holds, cancels or ends: some tens of
/// milliseconds of the writer's time.
pub const MAX_BATCH: u32 = 1000;

/// The duration of a lease: twice the longest timeout of an attempt.
pub const LEASE_DURATION: Duration = Duration::from_secs(2 * MAX_TIMEOUT_SECONDS as u64);

const DUE: &str = "
        WITH RECURSIVE endpoint(id) AS (
            SELECT id FROM (SELECT webhook_id AS id FROM deliveries WHERE next_attempt_at IS NOT NULL
                            AND webhook_id > $3 ORDER BY webhook_id LIMIT 1) AS first
            UNION ALL
            SELECT (SELECT webhook_id FROM deliveries WHERE next_attempt_at IS NOT NULL
                    AND webhook_id > endpoint.id ORDER BY webhook_id LIMIT 1)
            FROM endpoint WHERE endpoint.id IS NOT NULL
        )
        SELECT id FROM endpoint WHERE id IS NOT NULL AND EXISTS (
            SELECT 1 FROM deliveries WHERE webhook_id = endpoint.id AND next_attempt_at <= $1
        ) LIMIT $2";

fn count_due_sql(order: ClaimOrder) -> String {
    format!(
        "SELECT COUNT(*) AS due FROM (
            SELECT 1 FROM deliveries WHERE webhook_id = $1 AND next_attempt_at <= $2 {} LIMIT $3) AS due",
        order.condition()
    )
}

/// For webhooks that send in order: the delivery is the first unfinished one of its subject. So the others of the
/// subject wait while it is in flight, waits for a retry, or is held. `$1` is the webhook.
pub(super) const FIRST_OF_SUBJECT: &str = "
        AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.webhook_id = $1
            AND earlier.ordering_key = deliveries.ordering_key AND earlier.ordering_key IS NOT NULL
            AND earlier.finished_at IS NULL AND earlier.id < deliveries.id)";

/// In which order the deliveries of a webhook are claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimOrder {
    /// The longest due first.
    Due,
    /// The same, but only the first unfinished one of each subject.
    BySubject,
}

impl ClaimOrder {
    /// The order of a webhook with this policy.
    #[must_use]
    pub const fn of(policy: &DeliveryPolicy) -> Self {
        if policy.ordered { Self::BySubject } else { Self::Due }
    }

    /// The condition in a statement.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Due => "",
            Self::BySubject => FIRST_OF_SUBJECT,
        }
    }
}

/// A claimed delivery has its next attempt at the end of the lease, so it is not due.
const MEASURE: &str = "
        SELECT COUNT(*) AS depth, MIN(CASE WHEN next_attempt_at <= $1 THEN next_attempt_at END) AS oldest_due
        FROM deliveries WHERE next_attempt_at IS NOT NULL";

/// A delivery that this process may send until `lease_until`.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Claimed {
    /// The delivery.
    pub id: DeliveryId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its webhook.
    pub webhook_id: WebhookId,
    /// The event.
    pub event_id: Option<EventId>,
    /// Its type, e.g. `issue.created`.
    pub event_type: String,
    /// Attempts so far.
    pub attempts: i32,
    /// Of these, how many were asked to wait.
    pub paused_attempts: i32,
    /// Whether it is a manual test.
    pub test: bool,
    /// Whether it was held before the claim.
    pub was_held: bool,
    /// Whether it probes a disabled webhook.
    pub is_probe: bool,
    /// When it was queued.
    pub created_at: DateTimeUtc,
    /// The end of the lease, which also identifies the claim.
    pub lease_until: DateTimeUtc,
    /// The encrypted URL of its webhook at the claim.
    pub sealed_url: Option<Vec<u8>>,
}

/// Up to `limit` endpoints after `after` that have due deliveries, in the order of their IDs. It
/// skips from endpoint to endpoint through the index, so a long queue of one endpoint costs no more
/// than a short one.
pub async fn due(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    after: WebhookId,
    limit: u32,
) -> Result<Vec<WebhookId>, DbErr> {
    let statement = statement(db, DUE, [now.into(), i64::from(limit).into(), after.into()]);
    db.query_all_raw(statement).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Counts the due deliveries of an endpoint, up to `limit`, so that no more permits are taken than
/// needed.
pub async fn count_due(state: &AppState, webhook: WebhookId, order: ClaimOrder, limit: usize) -> Result<usize, DbErr> {
    let (db, now) = (state.store.read(), state.clock.schedule_now());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = count_due_sql(order);
    let row = db.query_one_raw(statement(db, &sql, [webhook.into(), now.into(), limit.into()])).await?;
    let due: i64 = row.map_or(Ok(0), |row| row.try_get("", "due"))?;
    Ok(usize::try_from(due).unwrap_or_default())
}

/// Claims up to `limit` due deliveries of an endpoint, the longest due first.
pub async fn claim(state: &AppState, webhook: WebhookId, order: ClaimOrder, limit: u32) -> Result<Vec<Claimed>, DbErr> {
    let now = state.clock.schedule_now();
    state
        .store
        .write_delivery(move |tx| {
            Box::pin(async move {
                let claim = claim_statement(tx.db().get_database_backend(), webhook, order, now, limit);
                let mut claimed = Claimed::find_by_statement(claim).all(tx.db()).await?;
                claimed.sort_unstable_by_key(|delivery| delivery.id);
                Ok(claimed)
            })
        })
        .await
}

/// The statement of [`claim`].
#[must_use]
pub fn claim_statement(
    engine: DbBackend,
    webhook: WebhookId,
    order: ClaimOrder,
    now: DateTime<Utc>,
    limit: u32,
) -> Statement {
    let sql = format!(
        "WITH due AS (SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at <= $2 {}
                      ORDER BY next_attempt_at, id LIMIT $3 {})
         UPDATE deliveries SET lease_until = $4, next_attempt_at = $4 WHERE id IN (SELECT id FROM due)
         RETURNING {RETURNED}, FALSE AS was_held, FALSE AS is_probe",
        order.condition(),
        held::skip_locked(engine)
    );
    let values = [webhook.into(), now.into(), i64::from(limit).into(), (now + LEASE_DURATION).into()];
    Statement::from_sql_and_values(engine, sql, values)
}

/// Sets the metrics of the queue: its length, and how long the oldest delivery has been due.
#[allow(clippy::cast_precision_loss, reason = "gauges are floats, and these numbers are far below 2^52")]
pub async fn measure(state: &AppState) -> Result<(), DbErr> {
    let (db, now) = (state.store.read(), state.clock.schedule_now());
    let Some(row) = db.query_one_raw(statement(db, MEASURE, [now.into()])).await? else { return Ok(()) };
    let depth: i64 = row.try_get("", "depth")?;
    let oldest_due: Option<DateTimeUtc> = row.try_get("", "oldest_due")?;
    let age = oldest_due.and_then(|due| (now - due).to_std().ok()).unwrap_or_default();
    metrics::gauge!("testbell_queue_depth").set(depth as f64);
    metrics::gauge!("testbell_oldest_due_delivery_age_seconds").set(age.as_secs_f64());
    Ok(())
}

pub(super) fn statement<const N: usize>(db: &impl ConnectionTrait, sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

#[cfg(test)]
mod tests {
    use migrations::Migrator;
    use sea_orm::Database;
    use sea_orm_migration::MigratorTrait;

    use super::*;

    #[tokio::test]
    async fn the_queue_is_read_by_its_index() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        for sql in [DUE.to_owned(), count_due_sql(ClaimOrder::Due), MEASURE.to_owned()] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, explain)).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
            let mut reads = plan.iter().filter(|step| step.contains(" deliveries"));
            assert!(reads.all(|step| step.contains("INDEX deliveries_queue")), "{plan:?}");
        }
    }
}
