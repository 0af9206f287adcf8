//! Restores the sync queue when a server with an embedded database starts: leases of a previous
//! process are released, and no schedule is further away than it can be if the clock was set back.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, DbErr, EntityTrait, QueryFilter};

use super::sync_retry::UNAUTHORIZED_PAUSE;
use crate::app_state::AppState;
use crate::entity::{integration, issue};
use crate::providers::rate_limit;

/// Releases leases, and shortens schedules that are too far in the future.
pub async fn release_syncs(state: &AppState) -> Result<(), DbErr> {
    use integration::Column::PausedUntil;
    use issue::Column::{SyncAttempts, SyncDueAt, SyncLeaseUntil};
    if state.store.read().get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let now = state.clock.schedule_now();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let not_after = |latest: DateTime<Utc>| {
                    let update = issue::Entity::update_many().col_expr(SyncDueAt, Expr::value(latest));
                    update.filter(SyncDueAt.gt(latest))
                };
                not_after(now)
                    .col_expr(SyncLeaseUntil, Expr::value(None::<DateTime<Utc>>))
                    .filter(SyncLeaseUntil.is_not_null().or(SyncAttempts.eq(0)))
                    .exec(tx.db())
                    .await?;
                for attempts in 1..rate_limit::MAX_ATTEMPTS {
                    let latest = now + rate_limit::backoff(attempts, u8::MAX).max(UNAUTHORIZED_PAUSE);
                    not_after(latest).filter(SyncAttempts.eq(attempts)).exec(tx.db()).await?;
                }
                let latest = now + rate_limit::MAX_PAUSE;
                let paused = integration::Entity::update_many().col_expr(PausedUntil, Expr::value(latest));
                paused.filter(PausedUntil.gt(latest)).exec(tx.db()).await.map(drop)
            })
        })
        .await
}
