//! Works off replays in the background, a part at a time.

use std::time::Duration;

use app::model::account::Credential;
use app::model::audit::AuditAction;
use app::model::id::WebhookId;
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::range_replay::MAX_RANGE_REPLAY;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use tokio_util::sync::CancellationToken;

use super::enqueue::enqueue;
use super::selection::{Candidates, Selection};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::dispatch::delivery_queue::count_cancelled;
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::{delivery, range_replay, webhook};
use crate::service::webhooks::rows;
use crate::storage::{Effect, Tx, report_outage};

/// Deliveries of a replay that wait for their first attempt. New events wait for no more than these, and a second
/// passes before more are queued.
pub const MAX_WAITING: u64 = 100;
/// Deliveries that are cancelled in one transaction.
const CANCELLED_ROWS: u64 = 500;
/// How often the progress of open replays is checked.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);
/// How often to look for replays without a notification, e.g. of another node.
const IDLE_INTERVAL: Duration = Duration::from_secs(30);

/// Runs until `shutdown`.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    loop {
        let is_open = advance_all(&state, &shutdown).await.unwrap_or_else(|error| {
            report_outage(&error, "failed to replay a range of time");
            true
        });
        let wait = if is_open { PROGRESS_INTERVAL } else { IDLE_INTERVAL };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = state.range_replays.notified() => {}
            () = state.clock.sleep(wait) => {}
        }
    }
}

/// Whether one is still open.
async fn advance_all(state: &AppState, shutdown: &CancellationToken) -> Result<bool, DbErr> {
    use range_replay::Column as Job;
    let open = range_replay::Entity::find().filter(Job::FinishedAt.is_null()).order_by_asc(Job::Id);
    let mut is_open = false;
    for job in open.all(state.store.read()).await? {
        if shutdown.is_cancelled() {
            return Ok(true);
        }
        is_open |= !advance(state, job).await?;
    }
    Ok(is_open)
}

/// Queues or cancels the next part. Returns whether the replay is finished.
async fn advance(state: &AppState, job: range_replay::Model) -> Result<bool, DbErr> {
    let db = state.store.read();
    if job.stopped_at.is_some() {
        return cancel_waiting(state, job).await;
    }
    let webhook = webhook::Entity::find_by_id(job.webhook_id).one(db).await?;
    let Some(webhook) = webhook.filter(|webhook| webhook.deleted_at.is_none()) else {
        return stop_without_webhook(state, job).await.map(|()| false);
    };
    if webhook.blocked().is_some() {
        return Ok(false);
    }
    let not_attempted = delivery::Entity::find()
        .filter(Column::RangeReplayId.eq(job.id))
        .filter(Column::Status.is_in([StoredStatus::Pending, StoredStatus::Held]))
        .filter(Column::Attempts.eq(0));
    // What waits for a digest delays nothing.
    let waiting = match webhook.digest_interval() {
        Some(_) => 0,
        None => not_attempted.count(db).await?,
    };
    let left = MAX_RANGE_REPLAY.saturating_sub(job.queued.unsigned_abs());
    let room = MAX_WAITING.saturating_sub(waiting).min(u64::from(left));
    if room == 0 {
        return Ok(false);
    }
    let selection = Selection::load(db, &webhook, job.source, (job.since, job.until)).await?;
    let candidates = selection.part(db, job.processed_up_to, room).await?;
    queue_part(state, job, candidates).await
}

/// Queues a part and moves the position, in one transaction. Returns whether it was the last part. The webhook is
/// locked first, as by users who retry or replay its deliveries, so that both don't send the same.
async fn queue_part(state: &AppState, job: range_replay::Model, candidates: Candidates) -> Result<bool, DbErr> {
    let state_in_tx = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let webhook = webhook::Entity::find_by_id(job.webhook_id).lock_exclusive().one(tx.db()).await?;
            let can_send = |webhook: &webhook::Model| webhook.deleted_at.is_none() && webhook.blocked().is_none();
            let Some(webhook) = webhook.filter(can_send) else { return Ok(false) };
            let Some(row) = lock_same(tx, &job).await? else { return Ok(false) };
            let Candidates { found, next } = candidates;
            let queued = enqueue(&state_in_tx, tx, (&row, &webhook), &found).await?;
            let skipped = found.len() - queued;
            let added = |count: i32, more: usize| count.saturating_add(i32::try_from(more).unwrap_or(i32::MAX));
            let queued = added(row.queued, queued);
            // If only the beginning was counted, there may be more than one replay sends.
            let is_last = next.is_none() || queued.unsigned_abs() >= MAX_RANGE_REPLAY;
            let row = range_replay::Model {
                processed_up_to: next.or(row.processed_up_to),
                queued,
                skipped: added(row.skipped, skipped),
                finished_at: is_last.then(|| state_in_tx.clock.now()),
                ..row
            };
            if is_last {
                let detail = format!("{} queued, {} skipped.", row.queued, row.skipped);
                record(&state_in_tx, tx, &row, &webhook, detail).await?;
            }
            store(tx, row).await?;
            Ok(is_last)
        })
    });
    change.await
}

/// Locks the row, if no other node has changed it since it was read.
async fn lock_same(tx: &Tx<'_>, job: &range_replay::Model) -> Result<Option<range_replay::Model>, DbErr> {
    let row = range_replay::Entity::find_by_id(job.id).lock_exclusive().one(tx.db()).await?;
    Ok(row.filter(|row| row == job))
}

async fn store(tx: &Tx<'_>, row: range_replay::Model) -> Result<(), DbErr> {
    notify(tx, row.webhook_id).await?;
    range_replay::Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await.map(drop)
}

/// The pages of the webhook show the progress.
pub async fn notify(tx: &Tx<'_>, webhook: WebhookId) -> Result<(), DbErr> {
    match webhook::Entity::find_by_id(webhook).one(tx.db()).await? {
        Some(webhook) => rows::notify(tx, &webhook).await,
        None => Ok(()),
    }
}

async fn record(
    state: &AppState,
    tx: &Tx<'_>,
    row: &range_replay::Model,
    webhook: &webhook::Model,
    detail: String,
) -> Result<(), DbErr> {
    let actor = row.actor_id.map(|id| Actor {
        id,
        name: row.actor_name.clone(),
        email: String::new(),
        system_admin: false,
        webhook_emails: false,
        credential: Credential::Internal,
    });
    let entry = NewAuditEntry {
        project: NewAuditEntry::project_of(webhook),
        actor: actor.as_ref(),
        action: AuditAction::ReplayCompleted,
        subject: webhook.id.to_string(),
        name: &webhook.name,
        detail: Some(detail),
    };
    audit_log::record(state, tx, entry).await
}

/// The dispatcher cancels what waits for a deleted webhook.
async fn stop_without_webhook(state: &AppState, job: range_replay::Model) -> Result<(), DbErr> {
    let now = state.clock.now();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            match lock_same(tx, &job).await? {
                Some(row) => store(tx, range_replay::Model { stopped_at: Some(now), ..row }).await,
                None => Ok(()),
            }
        })
    });
    change.await
}

/// Cancels what waits, except attempts in flight. Returns whether nothing is left.
async fn cancel_waiting(state: &AppState, job: range_replay::Model) -> Result<bool, DbErr> {
    loop {
        let (state_in_tx, job) = (state.clone(), job.clone());
        let change = state.store.write(move |tx| Box::pin(async move { cancel_part(&state_in_tx, tx, &job).await }));
        match change.await? {
            Cancelled::All => return Ok(true),
            Cancelled::ExceptInFlight => return Ok(false),
            Cancelled::Part => {}
        }
    }
}

/// What was cancelled.
enum Cancelled {
    /// Nothing waits any more.
    All,
    /// What waits is in flight.
    ExceptInFlight,
    /// There may be more.
    Part,
}

async fn cancel_part(state: &AppState, tx: &Tx<'_>, job: &range_replay::Model) -> Result<Cancelled, DbErr> {
    let Some(row) = lock_same(tx, job).await? else { return Ok(Cancelled::All) };
    let due = state.clock.schedule_now();
    let waiting: Vec<_> = delivery::Entity::find()
        .filter(Column::RangeReplayId.eq(row.id))
        .filter(Column::Status.is_in([StoredStatus::Pending, StoredStatus::Held]))
        // A digest that was made before is sent.
        .filter(Column::DigestDeliveryId.is_null())
        .order_by_asc(Column::Id)
        .limit(CANCELLED_ROWS)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    let is_part = waiting.len() as u64 == CANCELLED_ROWS;
    let in_flight = |row: &delivery::Model| row.lease_until.is_some_and(|until| until > due);
    let (in_flight, cancelled): (Vec<_>, Vec<_>) = waiting.into_iter().partition(in_flight);
    cancel(state, tx, &row, &cancelled).await?;
    if is_part && !cancelled.is_empty() {
        return Ok(Cancelled::Part);
    }
    if !in_flight.is_empty() {
        return Ok(Cancelled::ExceptInFlight);
    }
    store(tx, range_replay::Model { finished_at: Some(state.clock.now()), ..row }).await?;
    Ok(Cancelled::All)
}

async fn cancel(
    state: &AppState,
    tx: &Tx<'_>,
    job: &range_replay::Model,
    rows: &[delivery::Model],
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let why = match &job.stopped_by {
        Some(name) => format!("{name} stopped the replay."),
        None => "The webhook was deleted.".to_owned(),
    };
    let cancelled = delivery::ActiveModel {
        status: Set(StoredStatus::Discarded),
        error: Set(Some(why)),
        next_attempt_at: Set(None),
        lease_until: Set(None),
        finished_at: Set(Some(state.clock.now())),
        ..Default::default()
    };
    let is_cancelled = Column::Id.is_in(rows.iter().map(|row| row.id));
    delivery::Entity::update_many().set(cancelled).filter(is_cancelled).exec(tx.db()).await?;
    count_cancelled(rows.len());
    for row in rows {
        let kind = ChangeKind::DeliveryChanged { delivery_id: row.id, webhook_id: row.webhook_id };
        tx.after_commit(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
    }
    notify(tx, job.webhook_id).await
}
