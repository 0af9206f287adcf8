//! Records the results of attempts in batches: while one batch is committed, the next one fills. An
//! attempt, its delivery and the webhook's timestamps are one transaction.

mod delivery_rows;
mod stats;
mod webhook_row;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::id::{DeliveryId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::webhook_scope::ScopeKind;
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{mpsc, oneshot};

use crate::app_state::AppState;
use crate::dispatch::attempt::AttemptOutcome;
use crate::dispatch::delivery_queue::Claimed;
use crate::dispatch::local_trouble::LocalTrouble;
use crate::dispatch::retry::RetryDecision;
use crate::entity::delivery::StoredStatus;
use crate::entity::json::Headers;
use crate::entity::{attempt, delivery, webhook, webhook_project};
use crate::storage::{Effect, Tx, report_outage};
use delivery_rows::{AttemptRow, finish_batch};
use webhook_row::AttemptSummary;

pub use stats::hour_of;
pub use webhook_row::record_transition;

/// The maximum number of results in a batch.
const MAX_BATCH: usize = 64;

/// The outcome of a claim.
#[derive(Clone, Debug)]
pub enum ClaimOutcome {
    /// An attempt was made.
    Attempted(Box<AttemptOutcome>, RetryDecision),
    /// The delivery can't be sent any more, for this reason.
    GivenUp(&'static str),
    /// The webhook was deleted, or drops its events. The delivery is cancelled.
    Cancelled(&'static str),
    /// The webhook is disabled or inactive, so the delivery is held.
    Held,
    /// Nothing was sent. The delivery is due again, or held again.
    Released,
    /// Local trouble prevented the attempt. The delivery is due again after this delay, or held
    /// again.
    Postponed(LocalTrouble, Duration),
}

/// The outcome of a claimed delivery.
#[derive(Debug)]
pub struct ClaimResult {
    /// The delivery.
    pub claimed: Claimed,
    /// The outcome.
    pub outcome: ClaimOutcome,
    /// Notified once the result is recorded, dropped if it can't be.
    pub written: oneshot::Sender<()>,
}

/// Records results until all senders are dropped.
pub async fn run(state: AppState, mut results: mpsc::Receiver<ClaimResult>) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while results.recv_many(&mut batch, MAX_BATCH).await > 0 {
        let batch = std::mem::replace(&mut batch, Vec::with_capacity(MAX_BATCH));
        match write(&state, batch).await {
            Ok(written) => written.into_iter().for_each(|result| {
                count_metrics(&result);
                // Only a worker that sends in order waits for it.
                let _ = result.written.send(());
            }),
            // The leases expire, and the deliveries are sent again.
            Err(error) => report_outage(&error, "failed to record delivery attempts"),
        }
    }
}

/// Writes a batch. Returns the results that were written. If a lease was lost, another worker has
/// the delivery.
///
/// # Errors
/// Errors of the database; nothing of the batch was written.
pub async fn write(state: &AppState, batch: Vec<ClaimResult>) -> Result<Vec<ClaimResult>, DbErr> {
    let (now, state, mut batch) = (state.clock.schedule_now(), state.clone(), batch);
    let store = state.store.clone();
    store
        .write_delivery(move |tx| {
            Box::pin(async move {
                // Locked first and in the order of their IDs, so that two nodes that write results
                // of the same webhooks don't deadlock.
                let webhooks = locked_webhooks(tx, &batch).await?;
                decide(&webhooks, &mut batch);
                let attempted = finish_batch(tx, &attempted(&batch), now).await?;
                let mut ours: HashSet<_> = attempted.keys().copied().collect();
                for result in &batch {
                    if let Some(row) = without_attempt(result, now, state.clock.now())
                        && update(tx, &result.claimed, row).await?
                    {
                        ours.insert(result.claimed.id);
                    }
                }
                let mut written = batch;
                written.retain(|result| ours.contains(&result.claimed.id));
                let attempts: Vec<_> = written.iter().filter_map(|result| attempt(result, state.ids.next())).collect();
                if !attempts.is_empty() {
                    attempt::Entity::insert_many(attempts).exec_without_returning(tx.db()).await?;
                }
                update_webhooks(&state, tx, &webhooks, &written, &attempted).await?;
                stats::count(tx, &written, state.clock.now()).await?;
                written.iter().for_each(|result| notify_changed(tx, result));
                Ok(written)
            })
        })
        .await
}

fn attempted(batch: &[ClaimResult]) -> Vec<AttemptRow<'_>> {
    fn one(ClaimResult { claimed, outcome, .. }: &ClaimResult) -> Option<AttemptRow<'_>> {
        let ClaimOutcome::Attempted(outcome, decision) = outcome else { return None };
        Some((claimed, outcome, *decision))
    }
    batch.iter().filter_map(one).collect()
}

/// Updates a delivery that was not attempted; `now` is on the schedule.
fn without_attempt(result: &ClaimResult, now: DateTime<Utc>, wall: DateTime<Utc>) -> Option<delivery::ActiveModel> {
    let mut row = delivery::ActiveModel { lease_until: Set(None), ..Default::default() };
    match &result.outcome {
        ClaimOutcome::Attempted(..) => return None,
        ClaimOutcome::Held => hold(&mut row),
        ClaimOutcome::Released if result.claimed.was_held => hold(&mut row),
        ClaimOutcome::Released => row.next_attempt_at = Set(Some(now)),
        ClaimOutcome::Postponed(trouble, delay) => {
            row.error = Set(Some(trouble.sentence().to_owned()));
            row.next_attempt_at = Set(Some(now + *delay));
            if result.claimed.was_held {
                hold(&mut row);
            }
        }
        ClaimOutcome::GivenUp(why) => finish(&mut row, StoredStatus::Failed, why, wall),
        ClaimOutcome::Cancelled(why) => finish(&mut row, StoredStatus::Discarded, why, wall),
    }
    Some(row)
}

fn finish(row: &mut delivery::ActiveModel, status: StoredStatus, why: &str, at: DateTime<Utc>) {
    row.status = Set(status);
    row.error = Set(Some(why.to_owned()));
    row.next_attempt_at = Set(None);
    row.finished_at = Set(Some(at));
}

fn hold(row: &mut delivery::ActiveModel) {
    row.status = Set(StoredStatus::Held);
    row.next_attempt_at = Set(None);
}

/// False if the lease was lost.
async fn update(tx: &Tx<'_>, claimed: &Claimed, row: delivery::ActiveModel) -> Result<bool, DbErr> {
    let update = delivery::Entity::update_many()
        .set(row)
        .filter(delivery::Column::Id.eq(claimed.id))
        .filter(delivery::Column::LeaseUntil.eq(claimed.lease_until));
    Ok(update.exec(tx.db()).await?.rows_affected == 1)
}

fn attempt(result: &ClaimResult, id: app::model::id::AttemptId) -> Option<attempt::ActiveModel> {
    let ClaimOutcome::Attempted(outcome, _) = &result.outcome else { return None };
    Some(attempt::ActiveModel {
        id: Set(id),
        delivery_id: Set(result.claimed.id),
        number: Set(result.claimed.attempts + 1),
        started_at: Set(outcome.started_at),
        duration_ms: Set(outcome.millis()),
        status_code: Set(outcome.status.map(i32::from)),
        error: Set(outcome.error().map(str::to_owned)),
        destination: Set(outcome.destination.clone()),
        request_headers: Set(Headers(outcome.request_headers.clone())),
        request_body: Set(outcome.request_body.clone()),
        response_headers: Set(Headers(outcome.response_headers.clone())),
        response_body: Set(outcome.response_body.clone()),
        response_truncated: Set(outcome.truncated),
        response_erased_at: Set(None),
        response_erased_by: Set(None),
    })
}

async fn locked_webhooks(tx: &Tx<'_>, batch: &[ClaimResult]) -> Result<Vec<webhook::Model>, DbErr> {
    let attempted = batch.iter().filter(|result| matches!(result.outcome, ClaimOutcome::Attempted(..)));
    let ids: HashSet<_> = attempted.map(|result| result.claimed.webhook_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = webhook::Entity::find().filter(webhook::Column::Id.is_in(ids)).order_by_asc(webhook::Column::Id);
    rows.lock_exclusive().all(tx.db()).await
}

/// Decides what each attempt means for its delivery, given the state of its webhook.
fn decide(webhooks: &[webhook::Model], batch: &mut [ClaimResult]) {
    for ClaimResult { claimed, outcome, .. } in batch {
        let row = webhooks.iter().find(|row| row.id == claimed.webhook_id);
        if let (Some(row), ClaimOutcome::Attempted(outcome, decision)) = (row, outcome) {
            *decision = webhook_row::decision(row, claimed, outcome, *decision);
        }
    }
}

async fn update_webhooks(
    state: &AppState,
    tx: &Tx<'_>,
    webhooks: &[webhook::Model],
    written: &[ClaimResult],
    counted: &HashMap<DeliveryId, Option<i64>>,
) -> Result<(), DbErr> {
    let mut attempts: BTreeMap<WebhookId, Vec<AttemptSummary<'_>>> = BTreeMap::new();
    for ClaimResult { claimed, outcome, .. } in written {
        if let ClaimOutcome::Attempted(outcome, decision) = outcome {
            let counted_in = counted.get(&claimed.id).copied().flatten();
            let recorded = AttemptSummary { claimed, outcome, decision: *decision, counted_in };
            attempts.entry(claimed.webhook_id).or_default().push(recorded);
        }
    }
    for row in webhooks {
        if let Some(attempts) = attempts.remove(&row.id) {
            webhook_row::write(state, tx, row, attempts).await?;
            notify_projects(tx, row).await?;
        }
    }
    Ok(())
}

/// Notifies the pages of all projects of a webhook, not only those of the deliveries.
async fn notify_projects(tx: &Tx<'_>, row: &webhook::Model) -> Result<(), DbErr> {
    if row.scope == ScopeKind::Project {
        return Ok(());
    }
    for project_id in webhook_project::projects_of(tx.db(), row).await? {
        let kind = ChangeKind::WebhookChanged { webhook_id: row.id };
        tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind }));
    }
    Ok(())
}

fn notify_changed(tx: &Tx<'_>, result: &ClaimResult) {
    let Claimed { id: delivery_id, project_id, webhook_id, .. } = result.claimed;
    if matches!(result.outcome, ClaimOutcome::Released | ClaimOutcome::Held) {
        // The webhook may have been re-enabled meanwhile, and nothing else would notify its worker.
        tx.after_commit_once(Effect::Dispatch(webhook_id));
    }
    if matches!(result.outcome, ClaimOutcome::Released) {
        return;
    }
    tx.after_commit(Effect::Live(ProjectChange {
        project_id,
        kind: ChangeKind::DeliveryChanged { delivery_id, webhook_id },
    }));
    // Each attempt changes the webhook's timestamps, but one message per batch is enough.
    tx.after_commit_once(Effect::Live(ProjectChange { project_id, kind: ChangeKind::WebhookChanged { webhook_id } }));
}

fn count_metrics(result: &ClaimResult) {
    let delivery = |status: DeliveryStatus| {
        metrics::counter!("testbell_deliveries_total", "status" => status.as_str()).increment(1);
    };
    match &result.outcome {
        ClaimOutcome::Attempted(outcome, decision) => {
            let result = if outcome.error().is_none() { "success" } else { "failure" };
            metrics::counter!("testbell_delivery_attempts_total", "result" => result).increment(1);
            metrics::histogram!("testbell_delivery_attempt_duration_seconds", "result" => result)
                .record(outcome.duration);
            match decision {
                RetryDecision::Delivered => delivery(DeliveryStatus::Delivered),
                RetryDecision::Failed => delivery(DeliveryStatus::Exhausted),
                RetryDecision::RetryAfter(_) | RetryDecision::Paused(_) => {}
            }
        }
        ClaimOutcome::GivenUp(_) => delivery(DeliveryStatus::Exhausted),
        ClaimOutcome::Cancelled(_) => delivery(DeliveryStatus::Cancelled),
        ClaimOutcome::Held | ClaimOutcome::Released | ClaimOutcome::Postponed(..) => {}
    }
}
