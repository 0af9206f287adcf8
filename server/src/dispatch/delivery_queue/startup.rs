//! Repairs the queue at the start of a server with an embedded database. Only one process uses that
//! database, so every lease is left from a crash. The schedule starts at the time of day. If the
//! clock was set back, stored times are too far in the future and are moved.

use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::WebhookId;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::statement;
use crate::app_state::AppState;
use crate::dispatch::retry;
use crate::entity::delivery::{Column, Entity, StoredStatus};
use crate::entity::webhook;
use crate::storage::Tx;

/// Releases leases, and moves times that are too far in the future.
pub async fn release(state: &AppState) -> Result<(), DbErr> {
    let db = state.store.read();
    deleted_with_queue(db).await?.into_iter().for_each(|webhook| state.dispatch.notify(webhook));
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    // All queued deliveries, however far in the future.
    let end_of_time = state.clock.schedule_now() + TimeDelta::days(36_500);
    for webhook in super::due(db, end_of_time, WebhookId(Uuid::nil()), u32::MAX).await? {
        let now = state.clock.schedule_now();
        state.store.write(move |tx| Box::pin(async move { release_webhook(tx, webhook, now).await })).await?;
    }
    Ok(())
}

/// Deleted webhooks with deliveries that were not ended before the process stopped.
async fn deleted_with_queue(db: &impl ConnectionTrait) -> Result<Vec<WebhookId>, DbErr> {
    const SQL: &str = "
        SELECT id FROM webhooks WHERE deleted_at IS NOT NULL AND EXISTS (
            SELECT 1 FROM deliveries WHERE webhook_id = webhooks.id AND next_attempt_at IS NOT NULL)";
    db.query_all_raw(statement(db, SQL, [])).await?.iter().map(|row| row.try_get("", "id")).collect()
}

async fn release_webhook(tx: &Tx<'_>, webhook: WebhookId, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = webhook::Entity::find_by_id(webhook).one(tx.db()).await?;
    let policy = row.map_or_else(DeliveryPolicy::default, |row| DeliveryPolicy::from(&row.policy));
    hold_oldest(tx, webhook).await?;
    let waiting = || Entity::update_many().filter(Column::WebhookId.eq(webhook));
    let leased = waiting().filter(Column::NextAttemptAt.is_not_null()).filter(Column::LeaseUntil.is_not_null());
    leased
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .exec(tx.db())
        .await?;
    let not_after = |latest: DateTime<Utc>| {
        waiting().col_expr(Column::NextAttemptAt, Expr::value(latest)).filter(Column::NextAttemptAt.gt(latest))
    };
    not_after(now).filter(Column::Attempts.eq(0)).exec(tx.db()).await?;
    let asks_to_wait = || Column::StatusCode.is_in([429, 503]);
    for made in 0..policy.max_attempts() {
        let is_made = || Expr::col(Column::Attempts).sub(Expr::col(Column::PausedAttempts)).eq(made);
        for (is_wait_requested, has_status) in
            [(true, asks_to_wait()), (false, Column::StatusCode.is_null().or(asks_to_wait().not()))]
        {
            let latest = now + retry::max_delay(&policy, made, is_wait_requested);
            not_after(latest).filter(is_made()).filter(has_status).exec(tx.db()).await?;
        }
    }
    Ok(())
}

/// Deliveries that were held before the claim are held again, so that nothing newer is sent first.
async fn hold_oldest(tx: &Tx<'_>, webhook: WebhookId) -> Result<(), DbErr> {
    const SQL: &str = "
        UPDATE deliveries SET status = $2, next_attempt_at = NULL, lease_until = NULL
        WHERE webhook_id = $1 AND next_attempt_at IS NOT NULL AND lease_until IS NOT NULL AND NOT test
            AND EXISTS (SELECT 1 FROM deliveries AS newer WHERE newer.webhook_id = $1
                AND newer.status = 'held' AND newer.id > deliveries.id)";
    let held = StoredStatus::Held.to_value();
    tx.db().execute_raw(statement(tx.db(), SQL, [webhook.into(), held.into()])).await.map(drop)
}
