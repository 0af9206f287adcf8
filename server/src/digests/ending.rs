//! The end of a digest is that of what it covers.

use app::model::id::{DeliveryId, ProjectId, WebhookId};
use app::model::webhook::Direction;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::notify;
use super::queue::{BATCH_ROWS, select_covered, select_open};
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
        match row.as_ref().map(|row| row.status) {
            Some(StoredStatus::Pending | StoredStatus::Held) => is_open = true,
            Some(StoredStatus::Delivered | StoredStatus::Failed | StoredStatus::Discarded) | None => {
                let change = ended(row, state.clock.now());
                while settle_batch(state, webhook, digest, change.clone()).await? {}
            }
        }
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

/// Returns whether there may be more.
async fn settle_batch(
    state: &AppState,
    webhook: WebhookId,
    digest: DeliveryId,
    change: delivery::ActiveModel,
) -> Result<bool, DbErr> {
    let write = state.store.write(move |tx| {
        Box::pin(async move {
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
            let pending = Column::Id.is_in(ids).and(Column::Status.eq(StoredStatus::Pending));
            delivery::Entity::update_many().set(change.clone()).filter(pending).exec(tx.db()).await?;
            let count = u64::try_from(covered.len()).unwrap_or_default();
            if let Set(status) = change.status {
                let shown = status.shown(Direction::Outbound, 0);
                metrics::counter!("testbell_deliveries_total", "status" => shown.as_str()).increment(count);
            }
            if let (Set(StoredStatus::Delivered), Set(Some(at))) = (change.status, change.finished_at) {
                rest(tx, webhook, at).await?;
            }
            notify(tx, webhook, &covered);
            Ok::<_, DbErr>(count == BATCH_ROWS)
        })
    });
    write.await
}

/// The next digest is an interval after this one was delivered, if that was late.
async fn rest(tx: &Tx<'_>, webhook: WebhookId, at: DateTime<Utc>) -> Result<(), DbErr> {
    let row = webhook::Entity::find_by_id(webhook).one(tx.db()).await?;
    let Some(interval) = row.as_ref().and_then(webhook::Model::digest_interval) else { return Ok(()) };
    set_next(tx, webhook, at, interval).await
}

/// Sets the earliest time of the next digest.
pub async fn set_next(tx: &Tx<'_>, webhook: WebhookId, at: DateTime<Utc>, interval: TimeDelta) -> Result<(), DbErr> {
    let next = webhook::ActiveModel { next_digest_at: Set(Some(at + interval)), ..Default::default() };
    webhook::Entity::update_many().set(next).filter(webhook::Column::Id.eq(webhook)).exec(tx.db()).await.map(drop)
}
