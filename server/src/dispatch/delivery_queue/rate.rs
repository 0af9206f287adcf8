//! The rate limit of a webhook: messages are spread evenly, so that no second or minute has more than the limit. The
//! time of the next one is stored with the webhook, so the limit holds on all nodes together and after a restart.

use std::time::Duration;

use app::model::id::WebhookId;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::statement;
use crate::app_state::AppState;

/// The answer to a request for a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It was taken: the next one is at this time.
    Taken(DateTime<Utc>),
    /// It is too early by this duration.
    Early(Duration),
}

/// Takes the turn of the next message, unless it is too early.
///
/// A time further ahead than one interval is left from a longer interval or from a clock that was set back, and
/// doesn't count.
pub async fn take_turn(state: &AppState, webhook: WebhookId, interval: Duration) -> Result<Turn, DbErr> {
    const TAKE: &str = "
        UPDATE webhooks SET next_send_at = $3
        WHERE id = $1 AND (next_send_at IS NULL OR next_send_at <= $2 OR next_send_at > $3) RETURNING id";
    const NEXT: &str = "SELECT next_send_at FROM webhooks WHERE id = $1";
    let now = state.clock.schedule_now();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let next = now + interval;
            let values = [webhook.into(), now.into(), next.into()];
            if tx.db().query_one_raw(statement(tx.db(), TAKE, values)).await?.is_some() {
                return Ok(Turn::Taken(next));
            }
            let row = tx.db().query_one_raw(statement(tx.db(), NEXT, [webhook.into()])).await?;
            let next: Option<DateTime<Utc>> = row.map_or(Ok(None), |row| row.try_get("", "next_send_at"))?;
            Ok(Turn::Early(next.and_then(|next| (next - now).to_std().ok()).unwrap_or_default()))
        })
    });
    change.await
}

/// Returns a turn that nothing was sent in, unless another one was taken since.
pub async fn return_turn(state: &AppState, webhook: WebhookId, taken: DateTime<Utc>) -> Result<(), DbErr> {
    const RETURN: &str = "UPDATE webhooks SET next_send_at = $3 WHERE id = $1 AND next_send_at = $2";
    let now = state.clock.schedule_now();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let values = [webhook.into(), taken.into(), now.into()];
            tx.db().execute_raw(statement(tx.db(), RETURN, values)).await.map(drop)
        })
    });
    change.await
}
