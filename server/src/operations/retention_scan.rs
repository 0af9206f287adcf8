//! Finds old deliveries and events that can be removed. A disabled webhook may hold any number of
//! old deliveries, which are kept. So the search reads outside of the writer, a bounded page at a
//! time, and continues after the last ID: each row is read once per sweep.

use app::model::delivery::TEST_EVENT;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, EventId, ProjectId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::retention::{BATCH_ROWS, first_id};
use crate::app_state::AppState;
use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, event};
use crate::storage::Tx;

/// Deliveries that are kept however old they are, because they may still be sent.
pub const UNFINISHED_STATUSES: [StoredStatus; 2] = [StoredStatus::Pending, StoredStatus::Held];

/// Whether a delivery may be deleted: it has ended, and if it is a digest, its end was passed on to all that it covers.
#[must_use]
pub fn is_removable() -> SimpleExpr {
    let is_settled = Expr::cust(format!(
        "(event_type <> '{DIGEST_EVENT}' OR (digest_delivery_id IS NULL AND NOT EXISTS (
             SELECT 1 FROM deliveries AS covered WHERE covered.digest_delivery_id = deliveries.id
                 AND covered.status = 'pending')))"
    ));
    delivery::Column::Status.is_not_in(UNFINISHED_STATUSES).and(is_settled)
}

/// Deletes finished deliveries and their attempts.
pub async fn deliveries(state: &AppState, cutoff: DateTime<Utc>, shutdown: &CancellationToken) -> Result<u64, DbErr> {
    let (mut after, end) = (DeliveryId(Uuid::nil()), DeliveryId(first_id(cutoff)));
    let mut removed = 0;
    while !shutdown.is_cancelled() {
        let page: Vec<(DeliveryId, StoredStatus)> = delivery::Entity::find()
            .select_only()
            .columns([delivery::Column::Id, delivery::Column::Status])
            .filter(delivery::Column::Id.gt(after))
            .filter(delivery::Column::Id.lt(end))
            .order_by_asc(delivery::Column::Id)
            .limit(BATCH_ROWS)
            .into_tuple()
            .all(state.store.read())
            .await?;
        let Some(&(last, _)) = page.last() else { break };
        after = last;
        let ended: Vec<_> =
            page.into_iter().filter(|(_, status)| !UNFINISHED_STATUSES.contains(status)).map(|(id, _)| id).collect();
        if ended.is_empty() {
            continue;
        }
        let remove = state.store.write(move |tx| {
            Box::pin(async move {
                let ended = delivery::Column::Id.is_in(ended).and(is_removable());
                delivery::Entity::delete_many().filter(ended).exec(tx.db()).await
            })
        });
        let batch: Result<_, DbErr> = remove.await;
        removed += batch?.rows_affected;
    }
    Ok(removed)
}

/// Deletes events that no delivery refers to.
pub async fn events(state: &AppState, cutoff: DateTime<Utc>, shutdown: &CancellationToken) -> Result<u64, DbErr> {
    unneeded_events(state, None, EventId(first_id(cutoff)), shutdown).await
}

/// Deletes the events of a project, or of all, before `end` that no delivery refers to.
pub async fn unneeded_events(
    state: &AppState,
    project: Option<ProjectId>,
    end: EventId,
    shutdown: &CancellationToken,
) -> Result<u64, DbErr> {
    let mut after = EventId(Uuid::nil());
    let mut removed = 0;
    while !shutdown.is_cancelled() {
        let page: Vec<EventId> = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(Condition::all().add_option(project.map(|project| event::Column::ProjectId.eq(project))))
            .filter(event::Column::Id.gt(after))
            .filter(event::Column::Id.lt(end))
            .order_by_asc(event::Column::Id)
            .limit(BATCH_ROWS)
            .into_tuple()
            .all(state.store.read())
            .await?;
        let Some(&last) = page.last() else { break };
        after = last;
        let unneeded: Vec<EventId> = select_unneeded(page).into_tuple().all(state.store.read()).await?;
        if unneeded.is_empty() {
            continue;
        }
        // A replay may have been queued in between.
        let remove = state.store.write(move |tx| Box::pin(async move { delete_unneeded(tx, unneeded).await }));
        removed += remove.await?;
    }
    Ok(removed)
}

/// Deletes those of these events that no delivery refers to; returns how many. They are locked first: a replay
/// that has locked one of them keeps it, and another one sees that it is gone.
///
/// # Errors
/// Those of the database.
pub async fn delete_unneeded(tx: &Tx<'_>, events: Vec<EventId>) -> Result<u64, DbErr> {
    let free: Vec<EventId> = select_unneeded(events)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .into_tuple()
        .all(tx.db())
        .await?;
    let unneeded = event::Column::Id.is_in(free).and(is_unneeded());
    Ok(event::Entity::delete_many().filter(unneeded).exec(tx.db()).await?.rows_affected)
}

/// Those of these events that no delivery refers to.
#[must_use]
pub fn select_unneeded(events: Vec<EventId>) -> Select<event::Entity> {
    let of_page = event::Entity::find().select_only().column(event::Column::Id);
    of_page.filter(event::Column::Id.is_in(events)).filter(is_unneeded())
}

/// No delivery refers to it, and it is not the test event of a webhook, which always stays the
/// same.
#[must_use]
pub fn is_unneeded() -> SimpleExpr {
    let needs = Query::select()
        .expr(Expr::val(1))
        .from(delivery::Entity)
        .and_where(Expr::col((delivery::Entity, delivery::Column::EventId)).equals((event::Entity, event::Column::Id)))
        .to_owned();
    Expr::exists(needs).not().and(event::Column::EventType.ne(TEST_EVENT))
}
