//! The end of a digest is that of what it covers. A digest can be retried, and replayed: then the first of these that
//! is delivered decides.
//!
//! A digest that still has something to pass on is marked: it refers to itself as its digest. A retry and a replay set
//! the mark in their transaction, and [`settle_all`] removes it once all is passed on, so a crash loses nothing.

use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::webhook::Direction;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::notify;
use super::queue::{
    BATCH_ROWS, MAX_COVERED, select_covered, select_delivered_replays, select_marked, select_open, select_replays,
};
use super::store::{abandon, is_being_made};
use crate::app_state::AppState;
use crate::dispatch::delivery_queue::{LEASE_DURATION, NO_DIGESTS, PROJECT_DELETED, PROJECT_REMOVED};
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::{delivery, webhook};
use crate::storage::Tx;

/// The reason of deliveries whose digest is no longer stored.
const DIGEST_DELETED: &str = "The digest was deleted.";
/// Why a digest may be cancelled although a part of what it covers is still to be sent.
const COLLECTED_AGAIN: [&str; 3] = [PROJECT_REMOVED, PROJECT_DELETED, NO_DIGESTS];

/// Passes the end of each digest of a webhook on. Returns whether one has not ended; a replay doesn't count.
pub async fn settle_all(state: &AppState, webhook: WebhookId) -> Result<bool, DbErr> {
    let (mut is_open, mut after) = (false, DeliveryId(Uuid::nil()));
    while let Some(digest) = select_marked(webhook, after).one(state.store.read()).await? {
        after = digest.id;
        if is_being_made(&digest) {
            let now = state.clock.schedule_now();
            // Another node makes it, unless it has stopped. A later lease is left from a clock that was set back.
            match digest.lease_until.is_some_and(|until| until > now && until <= now + LEASE_DURATION) {
                true => is_open = true,
                false => abandon(state, webhook, digest.id).await?,
            }
            continue;
        }
        is_open |= settle(state, webhook, root_of(&digest)).await?;
        if !is_unfinished(&digest) {
            clear_mark(state, webhook, digest).await?;
        }
    }
    after = DeliveryId(Uuid::nil());
    loop {
        let open = select_open(webhook, after).into_tuple().one(state.store.read()).await?;
        let Some(digest): Option<DeliveryId> = open else { return Ok(is_open) };
        after = digest;
        is_open |= settle(state, webhook, digest).await?;
    }
}

/// What a digest covers belongs to the first one of its chain.
fn root_of(digest: &delivery::Model) -> DeliveryId {
    digest.replay_root.unwrap_or(digest.id)
}

fn is_unfinished(digest: &delivery::Model) -> bool {
    UNFINISHED.contains(&digest.status)
}

const UNFINISHED: [StoredStatus; 2] = [StoredStatus::Pending, StoredStatus::Held];

/// What becomes of what a digest covers.
struct End {
    change: delivery::ActiveModel,
    /// The statuses that change.
    from: &'static [StoredStatus],
    /// The digest itself has not ended.
    is_open: bool,
    /// The time at which the digest itself was delivered.
    delivered_at: Option<DateTime<Utc>>,
}

/// The end of a digest and its replays so far.
async fn end_of(db: &impl ConnectionTrait, root: DeliveryId, now: DateTime<Utc>) -> Result<End, DbErr> {
    let digest = delivery::Entity::find_by_id(root).one(db).await?;
    if let Some(digest) = digest.as_ref().filter(|digest| digest.status == StoredStatus::Delivered) {
        let delivered_at = digest.finished_at;
        return Ok(End { delivered_at, ..delivered(digest, now) });
    }
    let is_open = digest.as_ref().is_some_and(is_unfinished);
    if let Some(replay) = select_delivered_replays(root).one(db).await? {
        return Ok(End { is_open, ..delivered(&replay, now) });
    }
    if is_open || select_replays(root).filter(Column::Status.is_in(UNFINISHED)).one(db).await?.is_some() {
        // What was exhausted waits again.
        let change = delivery::ActiveModel {
            status: Set(StoredStatus::Pending),
            status_code: Set(None),
            error: Set(None),
            finished_at: Set(None),
            ..Default::default()
        };
        let from = &[StoredStatus::Failed, StoredStatus::Discarded];
        return Ok(End { change, from, is_open, delivered_at: None });
    }
    Ok(End { change: ended(digest, now), from: &[StoredStatus::Pending], is_open: false, delivered_at: None })
}

fn delivered(digest: &delivery::Model, now: DateTime<Utc>) -> End {
    let change = delivery::ActiveModel {
        status: Set(StoredStatus::Delivered),
        status_code: Set(digest.status_code),
        error: Set(None),
        finished_at: Set(Some(digest.finished_at.unwrap_or(now))),
        ..Default::default()
    };
    let from = &[StoredStatus::Pending, StoredStatus::Failed, StoredStatus::Discarded];
    End { change, from, is_open: false, delivered_at: None }
}

/// The end of a digest that was not delivered.
fn ended(digest: Option<delivery::Model>, now: DateTime<Utc>) -> delivery::ActiveModel {
    let Some(digest) = digest else {
        return delivery::ActiveModel {
            status: Set(StoredStatus::Discarded),
            error: Set(Some(DIGEST_DELETED.to_owned())),
            finished_at: Set(Some(now)),
            ..Default::default()
        };
    };
    if digest.error.as_deref().is_some_and(|error| COLLECTED_AGAIN.contains(&error)) {
        return delivery::ActiveModel { digest_delivery_id: Set(None), ..Default::default() };
    }
    delivery::ActiveModel {
        status: Set(digest.status),
        status_code: Set(digest.status_code),
        error: Set(digest.error),
        finished_at: Set(Some(digest.finished_at.unwrap_or(now))),
        ..Default::default()
    }
}

/// Passes the end of a digest on to all that it covers. Returns whether the digest itself has not ended.
async fn settle(state: &AppState, webhook: WebhookId, root: DeliveryId) -> Result<bool, DbErr> {
    loop {
        // The writer is free while a digest waits.
        let end = end_of(state.store.read(), root, state.clock.now()).await?;
        if changing(root, &end).one(state.store.read()).await?.is_none() {
            return Ok(end.is_open);
        }
        settle_batch(state, webhook, root).await?;
    }
}

/// What the end changes, oldest first.
fn changing(root: DeliveryId, end: &End) -> sea_orm::Select<delivery::Entity> {
    select_covered(root).filter(Column::Status.is_in(end.from.iter().copied())).order_by_asc(Column::Id)
}

async fn settle_batch(state: &AppState, webhook_id: WebhookId, root: DeliveryId) -> Result<(), DbErr> {
    let now = state.clock.now();
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            // The webhook first, as everywhere. The digest may have been retried since it was found.
            let webhook = webhook::Entity::find_by_id(webhook_id).lock_exclusive().one(tx.db()).await?;
            delivery::Entity::find_by_id(root).lock_exclusive().one(tx.db()).await?;
            let end = end_of(tx.db(), root, now).await?;
            let covered: Vec<(DeliveryId, ProjectId)> = changing(root, &end)
                .select_only()
                .columns([Column::Id, Column::ProjectId])
                .limit(BATCH_ROWS)
                .into_tuple()
                .all(tx.db())
                .await?;
            let changed = Column::Id.is_in(covered.iter().map(|(id, _)| *id)).and(Column::DigestDeliveryId.eq(root));
            let changed = changed.and(Column::Status.is_in(end.from.iter().copied()));
            delivery::Entity::update_many().set(end.change.clone()).filter(changed).exec(tx.db()).await?;
            count(&end.change, covered.len());
            let interval = webhook.as_ref().and_then(webhook::Model::digest_interval);
            if let (Some(at), Some(interval)) = (end.delivered_at, interval)
                && select_covered(root).count(tx.db()).await? < MAX_COVERED
            {
                // The next digest is an interval after this one was delivered, if that was late.
                set_next(tx, webhook_id, at, interval).await?;
            }
            notify(tx, webhook_id, &covered);
            Ok::<_, DbErr>(())
        })
    });
    write.await
}

/// Counts what has ended for the metrics.
fn count(change: &delivery::ActiveModel, rows: usize) {
    let Set(status) = change.status else { return };
    if !UNFINISHED.contains(&status) {
        let shown = status.shown(Direction::Outbound, 0);
        let rows = u64::try_from(rows).unwrap_or_default();
        metrics::counter!("testbell_deliveries_total", "status" => shown.as_str()).increment(rows);
    }
}

/// Removes the mark of a digest that has ended, unless it was retried meanwhile.
async fn clear_mark(state: &AppState, webhook: WebhookId, digest: delivery::Model) -> Result<(), DbErr> {
    let now = state.clock.now();
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
            let root = root_of(&digest);
            let end = end_of(tx.db(), root, now).await?;
            if changing(root, &end).one(tx.db()).await?.is_some() {
                return Ok(());
            }
            let cleared = delivery::ActiveModel { digest_delivery_id: Set(None), ..Default::default() };
            delivery::Entity::update_many()
                .set(cleared)
                .filter(Column::Id.eq(digest.id))
                .filter(Column::EventType.eq(DIGEST_EVENT))
                .filter(Column::Status.is_not_in(UNFINISHED))
                .exec(tx.db())
                .await
                .map(drop)
        })
    });
    write.await
}

/// Sets the earliest time of the next digest.
pub async fn set_next(tx: &Tx<'_>, webhook: WebhookId, at: DateTime<Utc>, interval: TimeDelta) -> Result<(), DbErr> {
    let next = webhook::ActiveModel { next_digest_at: Set(Some(at + interval)), ..Default::default() };
    webhook::Entity::update_many().set(next).filter(webhook::Column::Id.eq(webhook)).exec(tx.db()).await.map(drop)
}
