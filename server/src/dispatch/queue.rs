//! The queue is the table of deliveries. What is due is claimed with a lease, by one statement;
//! whoever holds the lease sends, and only the holder may finish. A lease that runs out, because
//! its holder is gone, makes the delivery due again: it is sent once more, never lost.

use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::prelude::DateTimeUtc;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement, Value,
};

use crate::core::Core;
use crate::entity::delivery;
use crate::storage::Tx;

/// The columns of a [`Claimed`].
pub(super) const RETURNED: &str = "id, project_id, webhook_id, event_id, attempts, test, lease_until";

/// How long a claim holds: six times what an attempt may take.
pub const LEASE: Duration = Duration::from_secs(60);

/// A delivery that this process may send until `lease_until`.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Claimed {
    /// The delivery.
    pub id: DeliveryId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its webhook.
    pub webhook_id: WebhookId,
    /// What it carries.
    pub event_id: Option<EventId>,
    /// Attempts made so far.
    pub attempts: i32,
    /// Whether it was sent by hand as a test.
    pub test: bool,
    /// The lease, which is also its proof.
    pub lease_until: DateTimeUtc,
}

/// The endpoints that have something due, at most `limit`. It hops from endpoint to endpoint
/// through the index of the queue, so that a long queue of one costs no more than a short one.
///
/// # Errors
/// The database's own.
pub async fn due(db: &impl ConnectionTrait, now: DateTime<Utc>, limit: u32) -> Result<Vec<WebhookId>, DbErr> {
    const SQL: &str = "
        WITH RECURSIVE endpoint(id) AS (
            SELECT id FROM (SELECT webhook_id AS id FROM deliveries WHERE next_attempt_at IS NOT NULL
                            ORDER BY webhook_id LIMIT 1) AS first
            UNION ALL
            SELECT (SELECT webhook_id FROM deliveries WHERE next_attempt_at IS NOT NULL
                    AND webhook_id > endpoint.id ORDER BY webhook_id LIMIT 1)
            FROM endpoint WHERE endpoint.id IS NOT NULL
        )
        SELECT id FROM endpoint WHERE id IS NOT NULL AND EXISTS (
            SELECT 1 FROM deliveries WHERE webhook_id = endpoint.id AND next_attempt_at <= $1
        ) LIMIT $2";
    let statement = statement(db, SQL, [now.into(), i64::from(limit).into()]);
    db.query_all_raw(statement).await?.iter().map(|row| row.try_get("", "id")).collect()
}

/// Claims up to `limit` due deliveries of an endpoint, the longest due first.
///
/// # Errors
/// The database's own.
pub async fn claim(core: &Core, webhook: WebhookId, limit: u32) -> Result<Vec<Claimed>, DbErr> {
    let now = core.clock.now();
    core.store
        .write(move |tx| {
            Box::pin(async move {
                let lock = match tx.db().get_database_backend() {
                    DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
                    _ => "",
                };
                let sql = format!(
                    "WITH due AS (SELECT id FROM deliveries WHERE webhook_id = $1 AND next_attempt_at <= $2
                                  ORDER BY next_attempt_at, id LIMIT $3 {lock})
                     UPDATE deliveries SET lease_until = $4, next_attempt_at = $4 WHERE id IN (SELECT id FROM due)
                     RETURNING {RETURNED}"
                );
                let values = [webhook.into(), now.into(), i64::from(limit).into(), (now + LEASE).into()];
                let claimed = Claimed::find_by_statement(statement(tx.db(), &sql, values));
                let mut claimed = claimed.all(tx.db()).await?;
                claimed.sort_unstable_by_key(|delivery| delivery.id);
                Ok(claimed)
            })
        })
        .await
}

/// Makes claimed deliveries of an endpoint due at once, whoever claimed them: for a start on a
/// database that no other process uses, where the claims are those of a crash.
///
/// # Errors
/// The database's own.
pub async fn release_all(core: &Core, webhook: WebhookId) -> Result<u64, DbErr> {
    let now = core.clock.now();
    core.store
        .write(move |tx| {
            Box::pin(async move {
                let update = delivery::Entity::update_many()
                    .col_expr(delivery::Column::NextAttemptAt, Expr::value(now))
                    .col_expr(delivery::Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
                    .filter(delivery::Column::WebhookId.eq(webhook))
                    .filter(delivery::Column::NextAttemptAt.is_not_null())
                    .filter(delivery::Column::LeaseUntil.is_not_null());
                Ok(update.exec(tx.db()).await?.rows_affected)
            })
        })
        .await
}

/// Gives up what waits for an endpoint or is held. What is under way is left to its holder: it is written,
/// and given up when it is due again.
///
/// # Errors
/// The database's own.
pub async fn give_up(tx: &Tx<'_>, webhook: WebhookId, why: &str, now: DateTime<Utc>) -> Result<(), DbErr> {
    let given_up = delivery::ActiveModel {
        status: Set(DeliveryStatus::Failed),
        error: Set(Some(why.to_owned())),
        next_attempt_at: Set(None),
        finished_at: Set(Some(now)),
        ..Default::default()
    };
    let of_webhook = delivery::Entity::update_many().set(given_up).filter(delivery::Column::WebhookId.eq(webhook));
    // Two statements, as each has an index of its own.
    let waiting = of_webhook
        .clone()
        .filter(delivery::Column::NextAttemptAt.is_not_null())
        .filter(delivery::Column::LeaseUntil.is_null());
    waiting.exec(tx.db()).await?;
    of_webhook.filter(delivery::Column::Status.eq(DeliveryStatus::Held)).exec(tx.db()).await.map(drop)
}

pub(super) fn statement<const N: usize>(db: &impl ConnectionTrait, sql: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}
