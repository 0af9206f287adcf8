//! The loop that finds due deliveries without a notification: retries, expired leases, and what
//! another node queued. The dispatcher never waits for it, so a slow database delays no delivery
//! that was notified.

use std::time::Duration;

use app::model::id::WebhookId;
use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::held;
use crate::app_state::AppState;
use crate::dispatch::recovery;
use crate::storage::report_outage;

/// How often the queue is searched.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// The maximum number of endpoints per sweep.
const MAX_SWEPT_ENDPOINTS: u32 = 1024;
/// How often the queue is measured for the metrics.
const MEASURE_INTERVAL: Duration = Duration::from_secs(10);

/// Sweeps until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let mut next_measure = state.clock.instant();
    let mut after = WebhookId(Uuid::nil());
    loop {
        let work = state.dispatch.activity().start_running();
        let next_sweep = state.clock.instant() + SWEEP_INTERVAL;
        match find(&state, &mut after).await {
            Ok(webhooks) => webhooks.into_iter().for_each(|webhook| state.dispatch.notify(webhook)),
            Err(error) => report_outage(&error, "failed to read the delivery queue"),
        }
        if state.clock.instant() >= next_measure {
            next_measure = state.clock.instant() + MEASURE_INTERVAL;
            if let Err(error) = super::measure(&state).await {
                report_outage(&error, "failed to measure the delivery queue");
            }
        }
        drop(work);
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.clock.sleep_until(next_sweep) => {}
        }
    }
}

/// The endpoints with something to send. If there are more than [`MAX_SWEPT_ENDPOINTS`], the next
/// sweep continues after the last one.
async fn find(state: &AppState, after: &mut WebhookId) -> Result<Vec<WebhookId>, DbErr> {
    let db = state.store.read();
    let mut found = super::due(db, state.clock.schedule_now(), *after, MAX_SWEPT_ENDPOINTS).await?;
    let is_full = found.len() >= MAX_SWEPT_ENDPOINTS as usize;
    *after = found.last().filter(|_| is_full).copied().unwrap_or(WebhookId(Uuid::nil()));
    found.extend(held::endpoints_with_held(db, MAX_SWEPT_ENDPOINTS).await?);
    found.extend(recovery::due_probes(db, state.clock.schedule_now(), MAX_SWEPT_ENDPOINTS).await?);
    Ok(found)
}
