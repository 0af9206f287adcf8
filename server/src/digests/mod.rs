//! Digests of chat tools: at most one message per interval, which sums up what happened.
//!
//! The deliveries of a webhook with a digest are pending without a next attempt: the dispatcher doesn't see them. When
//! the oldest one has waited for the interval, the background [`run`] makes a digest, which is a delivery with an event
//! of its own, and marks what it covers, in batches. The dispatcher sends and retries it like any other delivery. When
//! it or a replay of it has ended, what it covers gets its status, in batches. A webhook has one open digest at a time;
//! meanwhile, more is collected.
//!
//! All of it is found by the state of the deliveries, so a restart or another node continues anywhere.

mod assemble;
mod ending;
pub mod queue;
mod store;

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use app::model::digest::DIGEST_EVENT;
use app::model::id::{ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Value};
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::dispatch::delivery_queue::held::endpoints_with_held;
use crate::dispatch::delivery_queue::{COLLECTED, drop_collected_batch, give_up_batch};
use crate::dispatch::endpoint::load_endpoint;
use crate::entity::webhook::{self, Blocked};
use crate::storage::{Effect, Tx, report_outage};
use queue::{BATCH_ROWS, Changed, MARKED, OPEN, change_batch};

/// How often to look for digests that are due.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The maximum number of endpoints with held deliveries of one check.
const MAX_HELD_ENDPOINTS: u32 = 1024;
/// The maximum number of changed deliveries for which browsers are notified one by one. A list with more is read
/// again when the webhook changes.
const MAX_NOTIFIED: usize = 50;

/// Runs until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        let next = state.clock.instant() + CHECK_INTERVAL;
        if let Err(error) = advance_all(&state, &shutdown).await {
            report_outage(&error, "failed to make digests");
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.clock.sleep_until(next) => {}
        }
    }
}

async fn advance_all(state: &AppState, shutdown: &CancellationToken) -> Result<(), DbErr> {
    let db = state.store.read();
    let mut endpoints: BTreeSet<WebhookId> = queue::endpoints(db, COLLECTED).await?.into_iter().collect();
    endpoints.extend(queue::endpoints(db, OPEN).await?);
    endpoints.extend(queue::endpoints(db, MARKED).await?);
    let held = endpoints_with_held(db, MAX_HELD_ENDPOINTS).await?;
    let held = webhook::Entity::find().filter(webhook::Column::Id.is_in(held)).all(db).await?;
    endpoints.extend(held.iter().filter(|webhook| webhook.digest_interval().is_some()).map(|webhook| webhook.id));
    for id in endpoints {
        if shutdown.is_cancelled() {
            return Ok(());
        }
        // The others don't wait for a webhook whose digest fails.
        if let Err(error) = advance(state, id).await {
            report_outage(&error, "failed to make a digest");
        }
    }
    Ok(())
}

/// Does with what waits what the state of the webhook asks for.
async fn advance(state: &AppState, id: WebhookId) -> Result<(), DbErr> {
    // First, because a late end moves the time of the next digest.
    let is_open = ending::settle_all(state, id).await?;
    let loaded = load_endpoint(state, id).await?;
    let Some(webhook) = loaded.webhook() else { return Ok(()) };
    if let Some(why) = loaded.deleted() {
        while give_up_batch(state, id, why).await? {}
        return Ok(());
    }
    match webhook.blocked() {
        Some(Blocked::Dropped) => {
            while drop_collected_batch(state, id).await? {}
            return Ok(());
        }
        Some(Blocked::Held) => return change_all(state, id, (COLLECTED, "status = 'held'"), Vec::new()).await,
        None => {}
    }
    let due = state.clock.schedule_now();
    if webhook.digest_interval().is_none() {
        if !webhook.kind.has_digests() {
            return change_all(state, id, (COLLECTED, "next_attempt_at = $2"), vec![due.into()]).await;
        }
    } else if loaded.has_held() {
        let held = format!("status = 'held' AND event_type <> '{DIGEST_EVENT}'");
        change_all(state, id, (&held, "status = 'pending', ordering_key = NULL"), Vec::new()).await?;
        let digests = format!("status = 'held' AND event_type = '{DIGEST_EVENT}'");
        change_all(state, id, (&digests, "status = 'pending', next_attempt_at = $2"), vec![due.into()]).await?;
    }
    if is_open { Ok(()) } else { assemble::send_due(state, &loaded, webhook).await }
}

/// Collects what is queued and was not attempted yet, after a digest was turned on.
///
/// # Errors
/// Those of the database.
pub async fn collect_queue(state: &AppState, webhook: WebhookId) -> Result<(), DbErr> {
    let queued = format!(
        "next_attempt_at IS NOT NULL AND status = 'pending' AND attempts = 0 AND NOT test
             AND event_type <> '{DIGEST_EVENT}' AND (lease_until IS NULL OR lease_until <= $2)"
    );
    let set = "next_attempt_at = NULL, lease_until = NULL, ordering_key = NULL";
    change_all(state, webhook, (&queued, set), vec![state.clock.schedule_now().into()]).await
}

/// Changes all that match, in batches.
async fn change_all(
    state: &AppState,
    webhook: WebhookId,
    (which, set): (&str, &'static str),
    values: Vec<Value>,
) -> Result<(), DbErr> {
    loop {
        let (which, values) = (which.to_owned(), values.clone());
        let change = state.store.write(move |tx| {
            Box::pin(async move {
                let changed = change_batch(tx, webhook, (&which, set), values).await?;
                notify(tx, webhook, &changed);
                Ok::<_, DbErr>(changed.len() as u64)
            })
        });
        if change.await? < BATCH_ROWS {
            return Ok(());
        }
    }
}

/// Notifies the browsers and the dispatcher. `changed` is sorted.
fn notify(tx: &Tx<'_>, webhook_id: WebhookId, changed: &[Changed]) {
    for &(delivery_id, project_id) in changed.iter().rev().take(MAX_NOTIFIED) {
        let kind = ChangeKind::DeliveryChanged { delivery_id, webhook_id };
        tx.after_commit(Effect::Live(ProjectChange { project_id, kind }));
    }
    let projects: HashSet<ProjectId> = changed.iter().map(|(_, project)| *project).collect();
    for project_id in projects {
        let kind = ChangeKind::WebhookChanged { webhook_id };
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
    }
    if !changed.is_empty() {
        tx.after_commit_once(Effect::Dispatch(webhook_id));
    }
}
