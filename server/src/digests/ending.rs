//! The end of a digest is that of what it covers.

use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::webhook::Direction;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::notify;
use super::queue::{BATCH_ROWS, MAX_COVERED, select_covered, select_open};
use crate::app_state::AppState;
use crate::dispatch::delivery_queue::{NO_DIGESTS, PROJECT_DELETED, PROJECT_REMOVED};
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::{delivery, webhook};
use crate::storage::Tx;

/// The reason of deliveries whose digest is no longer stored.
const DIGEST_DELETED: &str = "The digest was deleted.";
/// Why a digest may be cancelled although a part of what it covers is still to be sent.
const COLLECTED_AGAIN: [&str; 3] = [PROJECT_REMOVED, PROJECT_DELETED, NO_DIGESTS];

/// Passes the end of each digest of a webhook on. Returns whether one has not ended.
pub async fn settle_all(state: &AppState, webhook: WebhookId) -> Result<bool, DbErr> {
    let (mut is_open, mut after) = (false, DeliveryId(Uuid::nil()));
    loop {
        let open = select_open(webhook, after).into_tuple().one(state.store.read()).await?;
        let Some(digest): Option<DeliveryId> = open else { return Ok(is_open) };
        after = digest;
        let row = delivery::Entity::find_by_id(digest).one(state.store.read()).await?;
        if row.is_some_and(|row| is_unfinished(&row)) {
            is_open = true;
            continue;
        }
        loop {
            match settle_batch(state, webhook, digest).await? {
                Settled::All => break,
                Settled::Part => {}
                Settled::NotYet => {
                    is_open = true;
                    break;
                }
            }
        }
    }
}

/// How far the end of a digest was passed on.
enum Settled {
    /// To all that it covers.
    All,
    /// There may be more.
    Part,
    /// It has not ended.
    NotYet,
}

fn is_unfinished(digest: &delivery::Model) -> bool {
    match digest.status {
        StoredStatus::Pending | StoredStatus::Held => true,
        StoredStatus::Delivered | StoredStatus::Failed | StoredStatus::Discarded => false,
    }
}

/// What becomes of the covered deliveries.
fn ended(digest: Option<delivery::Model>, now: DateTime<Utc>) -> delivery::ActiveModel {
    let Some(digest) = digest else {
        return delivery::ActiveModel {
            status: Set(StoredStatus::Discarded),
            error: Set(Some(DIGEST_DELETED.to_owned())),
            finished_at: Set(Some(now)),
            ..Default::default()
        };
    };
    let error = digest.error.filter(|_| digest.status != StoredStatus::Delivered);
    if error.as_deref().is_some_and(|error| COLLECTED_AGAIN.contains(&error)) {
        return delivery::ActiveModel { digest_delivery_id: Set(None), ..Default::default() };
    }
    delivery::ActiveModel {
        status: Set(digest.status),
        status_code: Set(digest.status_code),
        error: Set(error),
        finished_at: Set(Some(digest.finished_at.unwrap_or(now))),
        ..Default::default()
    }
}

/// Passes the end of a digest on to a batch of what it covers.
async fn settle_batch(state: &AppState, webhook_id: WebhookId, digest: DeliveryId) -> Result<Settled, DbErr> {
    let now = state.clock.now();
    let write = state.store.write(move |tx| {
        Box::pin(async move {
            // The webhook first, as everywhere. The digest may have been retried since it was found.
            let webhook = webhook::Entity::find_by_id(webhook_id).lock_exclusive().one(tx.db()).await?;
            let row = delivery::Entity::find_by_id(digest).lock_exclusive().one(tx.db()).await?;
            if row.as_ref().is_some_and(is_unfinished) {
                return Ok(Settled::NotYet);
            }
            let change = ended(row, now);
            let covered: Vec<(DeliveryId, ProjectId)> = select_covered(digest)
                .select_only()
                .columns([Column::Id, Column::ProjectId])
                .filter(Column::Status.eq(StoredStatus::Pending))
                .order_by_asc(Column::Id)
                .limit(BATCH_ROWS)
                .into_tuple()
                .all(tx.db())
                .await?;
            let ids = covered.iter().map(|(id, _)| *id);
            let pending = Column::Status.eq(StoredStatus::Pending).and(Column::DigestDeliveryId.eq(digest));
            let pending = Column::Id.is_in(ids).and(pending);
            delivery::Entity::update_many().set(change.clone()).filter(pending).exec(tx.db()).await?;
            let count = u64::try_from(covered.len()).unwrap_or_default();
            if let Set(status) = change.status {
                let shown = status.shown(Direction::Outbound, 0);
                metrics::counter!("testbell_deliveries_total", "status" => shown.as_str()).increment(count);
            }
            let interval = webhook.as_ref().and_then(webhook::Model::digest_interval);
            if let (Set(StoredStatus::Delivered), Set(Some(at)), Some(interval)) =
                (change.status, change.finished_at, interval)
                && select_covered(digest).count(tx.db()).await? < MAX_COVERED
            {
                // The next digest is an interval after this one was delivered, if that was late.
                set_next(tx, webhook_id, at, interval).await?;
            }
            notify(tx, webhook_id, &covered);
            Ok::<_, DbErr>(if count == BATCH_ROWS { Settled::Part } else { Settled::All })
        })
    });
    write.await
}

/// Sets the earliest time of the next digest.
pub async fn set_next(tx: &Tx<'_>, webhook: WebhookId, at: DateTime<Utc>, interval: TimeDelta) -> Result<(), DbErr> {
    let next = webhook::ActiveModel { next_digest_at: Set(Some(at + interval)), ..Default::default() };
    webhook::Entity::update_many().set(next).filter(webhook::Column::Id.eq(webhook)).exec(tx.db()).await.map(drop)
}
