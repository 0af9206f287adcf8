//! What came of attempts is written in batches: while one batch is being committed, the next
//! one gathers. An attempt, its delivery and the times of its webhook are one change.

use std::collections::BTreeMap;

use app::model::delivery::DeliveryStatus;
use app::model::id::WebhookId;
use app::model::live::{Change, What};
use chrono::{DateTime, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{mpsc, oneshot};

use super::queue::Claimed;
use super::retry::Verdict;
use super::sender::Outcome;
use super::settle::{Attempted, settle};
use super::tally::Tally;
use crate::core::Core;
use crate::entity::json::Headers;
use crate::entity::{attempt, delivery, webhook};
use crate::storage::{Effect, Tx};

/// The most results of one batch.
const BATCH: usize = 64;

/// What came of a claim.
#[derive(Clone, Debug)]
pub enum Came {
    /// An attempt was made, and means this.
    Attempted(Box<Outcome>, Verdict),
    /// There is nowhere to send it to any more, for this reason.
    GivenUp(&'static str),
    /// Its webhook is disabled: it is held.
    Held,
    /// Nothing was sent: it is due again.
    Released,
}

/// A claim with what came of it.
#[derive(Debug)]
pub struct Finished {
    /// The claim.
    pub claimed: Claimed,
    /// What came of it.
    pub came: Came,
    /// Told once it is written, dropped when it can't be.
    pub written: oneshot::Sender<()>,
}

/// Writes results until all senders are gone.
pub async fn run(core: Core, mut results: mpsc::Receiver<Finished>) {
    let mut batch = Vec::with_capacity(BATCH);
    while results.recv_many(&mut batch, BATCH).await > 0 {
        let batch = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
        let count = batch.len();
        match write(&core, batch).await {
            Ok(written) => written.into_iter().for_each(|finished| {
                count_metrics(&finished);
                // Hardly anybody waits for it.
                let _ = finished.written.send(());
            }),
            // Their leases run out, and they are sent once more.
            Err(error) => tracing::error!(%error, count, "what came of attempts could not be written"),
        }
    }
}

/// Writes a batch, and tells what was written of it: a result whose lease was lost is another
/// holder's to write.
///
/// # Errors
/// The database's own; then nothing of the batch was written.
pub async fn write(core: &Core, batch: Vec<Finished>) -> Result<Vec<Finished>, DbErr> {
    let (now, core) = (core.clock.now(), core.clone());
    let store = core.store.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let mut ours = settle(tx, &attempted(&batch), now).await?;
                for finished in &batch {
                    if let Some(row) = without_attempt(finished, now)
                        && update(tx, &finished.claimed, row).await?
                    {
                        ours.insert(finished.claimed.id);
                    }
                }
                let mut written = batch;
                written.retain(|finished| ours.contains(&finished.claimed.id));
                let attempts: Vec<_> =
                    written.iter().filter_map(|finished| attempt(finished, core.ids.next())).collect();
                if !attempts.is_empty() {
                    attempt::Entity::insert_many(attempts).exec_without_returning(tx.db()).await?;
                }
                update_webhooks(&core, tx, &written).await?;
                written.iter().for_each(|finished| tell(tx, finished));
                Ok(written)
            })
        })
        .await
}

fn attempted(batch: &[Finished]) -> Vec<Attempted<'_>> {
    fn one(Finished { claimed, came, .. }: &Finished) -> Option<Attempted<'_>> {
        let Came::Attempted(outcome, verdict) = came else { return None };
        Some((claimed, outcome, *verdict))
    }
    batch.iter().filter_map(one).collect()
}

/// What becomes of a delivery that was not attempted.
fn without_attempt(finished: &Finished, now: DateTime<Utc>) -> Option<delivery::ActiveModel> {
    let mut row = delivery::ActiveModel { lease_until: Set(None), ..Default::default() };
    match &finished.came {
        Came::Attempted(..) => return None,
        Came::Held => {
            row.status = Set(DeliveryStatus::Held);
            row.next_attempt_at = Set(None);
        }
        Came::Released => row.next_attempt_at = Set(Some(now)),
        Came::GivenUp(why) => {
            row.status = Set(DeliveryStatus::Failed);
            row.error = Set(Some((*why).to_owned()));
            row.next_attempt_at = Set(None);
            row.finished_at = Set(Some(now));
        }
    }
    Some(row)
}

/// False when the lease is no longer ours.
async fn update(tx: &Tx<'_>, claimed: &Claimed, row: delivery::ActiveModel) -> Result<bool, DbErr> {
    let update = delivery::Entity::update_many()
        .set(row)
        .filter(delivery::Column::Id.eq(claimed.id))
        .filter(delivery::Column::LeaseUntil.eq(claimed.lease_until));
    Ok(update.exec(tx.db()).await?.rows_affected == 1)
}

fn attempt(finished: &Finished, id: app::model::id::AttemptId) -> Option<attempt::ActiveModel> {
    let Came::Attempted(outcome, _) = &finished.came else { return None };
    Some(attempt::ActiveModel {
        id: Set(id),
        delivery_id: Set(finished.claimed.id),
        number: Set(finished.claimed.attempts + 1),
        started_at: Set(outcome.started_at),
        duration_ms: Set(outcome.millis()),
        status_code: Set(outcome.status.map(i32::from)),
        error: Set(outcome.error.clone()),
        request_headers: Set(Headers(outcome.request_headers.clone())),
        response_headers: Set(Headers(outcome.response_headers.clone())),
        response_body: Set(outcome.response_body.clone()),
        response_truncated: Set(outcome.truncated),
    })
}

/// In the order of their ids, so that two nodes that write results of the same webhooks wait for
/// each other instead of blocking each other.
async fn update_webhooks(core: &Core, tx: &Tx<'_>, written: &[Finished]) -> Result<(), DbErr> {
    let mut tallies: BTreeMap<WebhookId, Tally> = BTreeMap::new();
    for finished in written {
        if let Came::Attempted(outcome, _) = &finished.came {
            tallies.entry(finished.claimed.webhook_id).or_default().add(outcome);
        }
    }
    if tallies.is_empty() {
        return Ok(());
    }
    let rows = webhook::Entity::find()
        .filter(webhook::Column::Id.is_in(tallies.keys().copied()))
        .order_by_asc(webhook::Column::Id)
        .lock_exclusive();
    for row in rows.all(tx.db()).await? {
        if let Some(tally) = tallies.get(&row.id) {
            tally.write(core, tx, &row).await?;
        }
    }
    Ok(())
}

fn tell(tx: &Tx<'_>, finished: &Finished) {
    let Claimed { id: delivery_id, project_id, webhook_id, .. } = finished.claimed;
    if matches!(finished.came, Came::Released | Came::Held) {
        // What is held now may have been enabled again meanwhile: nobody else would look for it.
        tx.after_commit_once(Effect::Dispatch(webhook_id));
    }
    if matches!(finished.came, Came::Released) {
        return;
    }
    tx.after_commit(Effect::Live(Change { project_id, what: What::DeliveryChanged { delivery_id, webhook_id } }));
    // A webhook's times change with each attempt; one message of a batch is enough.
    tx.after_commit_once(Effect::Live(Change { project_id, what: What::WebhookChanged { webhook_id } }));
}

fn count_metrics(finished: &Finished) {
    let delivery = |status: DeliveryStatus| {
        metrics::counter!("testbell_deliveries_total", "status" => status.as_str()).increment(1);
    };
    match &finished.came {
        Came::Attempted(outcome, verdict) => {
            let result = if outcome.error.is_none() { "success" } else { "failure" };
            metrics::counter!("testbell_attempts_total", "result" => result).increment(1);
            match verdict {
                Verdict::Delivered => delivery(DeliveryStatus::Delivered),
                Verdict::Failed => delivery(DeliveryStatus::Failed),
                Verdict::Again(_) => {}
            }
        }
        Came::GivenUp(_) => delivery(DeliveryStatus::Failed),
        Came::Held | Came::Released => {}
    }
}
