//! Tells people the present health of a webhook when the limit of notifications ends, if the last thing that they were
//! told is something else: nobody is left with "disabled" about a webhook that works.

use std::time::Duration;

use app::model::id::WebhookId;
use sea_orm::{DbErr, EntityTrait, QuerySelect};
use tokio_util::sync::CancellationToken;

use super::{WebhookNews, notices, notify_admins};
use crate::app_state::AppState;
use crate::entity::webhook;
use crate::storage::report_outage;

/// How often to look for notifications that were left out.
const CHECK_INTERVAL: Duration = Duration::from_secs(60);

/// Runs until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        let next = state.clock.instant() + CHECK_INTERVAL;
        if let Err(error) = send_due(&state, &shutdown).await {
            report_outage(&error, "failed to send notifications that were left out");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.clock.sleep_until(next) => {}
        }
    }
}

async fn send_due(state: &AppState, shutdown: &CancellationToken) -> Result<(), DbErr> {
    for id in notices::select_late(state.store.read(), state.clock.now()).await? {
        if shutdown.is_cancelled() {
            return Ok(());
        }
        send(state, id).await?;
    }
    Ok(())
}

async fn send(state: &AppState, id: WebhookId) -> Result<(), DbErr> {
    let state_in_tx = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // Its health stays while it is locked, and no other node sends the same.
            let row = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
            let Some(webhook) = row.filter(|row| row.deleted_at.is_none()) else { return Ok(()) };
            let event = notices::event_of_health(webhook.health);
            let Some(notice) = notices::take_late(&state_in_tx, tx, id, event).await? else { return Ok(()) };
            let news = WebhookNews {
                webhook: &webhook,
                event,
                health: webhook.health,
                failures: webhook.consecutive_failures.unsigned_abs(),
                reason: webhook.health_reason.as_deref().unwrap_or_default(),
                delivery: None,
                actor: None,
            };
            notify_admins(&state_in_tx, tx, &news, notice).await
        })
    });
    change.await
}
