//! Stores a digest, and marks what it covers, in batches, so that no writer waits for long.
//!
//! A digest that is being made refers to itself as its digest and has no next attempt: the dispatcher doesn't see it.
//! Its lease says which process makes it. Only when all that it covers is marked, it becomes due. If something has
//! changed meanwhile, or the process has stopped, it is [abandoned](abandon), and another one is made later.

use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, EventId, WebhookId};
use app::model::webhook::Direction;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::ending::set_next;
use super::notify;
use super::queue::{BATCH_ROWS, MAX_COVERED, change_batch, select_covered};
use crate::app_state::AppState;
use crate::dispatch::delivery_queue::{COLLECTED, LEASE_DURATION};
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::search_text::fold;
use crate::entity::{delivery, event, project, webhook};
use crate::events::{DigestProject, DigestSummary, Envelope, ProjectPart, events_text};
use crate::operations::retention_scan::delete_unneeded;
use crate::storage::Tx;

/// Locks the webhook, unless it has stopped sending messages to a chat tool.
pub async fn lock_sender(tx: &Tx<'_>, id: WebhookId) -> Result<Option<webhook::Model>, DbErr> {
    let webhook = webhook::Entity::find_by_id(id).lock_exclusive().one(tx.db()).await?;
    let can_send = |webhook: &webhook::Model| {
        webhook.deleted_at.is_none() && webhook.blocked().is_none() && webhook.kind.has_digests()
    };
    Ok(webhook.filter(can_send))
}

/// Whether a digest is not complete yet.
pub fn is_being_made(digest: &delivery::Model) -> bool {
    digest.status == StoredStatus::Pending
        && digest.next_attempt_at.is_none()
        && digest.digest_delivery_id == Some(digest.id)
}

/// The condition of [`is_being_made`] for one digest.
fn being_made(digest: DeliveryId) -> Condition {
    Condition::all()
        .add(Column::Id.eq(digest))
        .add(Column::Status.eq(StoredStatus::Pending))
        .add(Column::NextAttemptAt.is_null())
        .add(Column::DigestDeliveryId.eq(digest))
}

/// Makes a digest of what waits from `first` to `last`, which `summary` sums up.
pub async fn store(
    state: &AppState,
    webhook: &webhook::Model,
    (first, last): (DeliveryId, DeliveryId),
    summary: DigestSummary,
) -> Result<(), DbErr> {
    let (id, total) = (webhook.id, summary.total());
    let Some(digest) = begin(state, id, summary).await? else { return Ok(()) };
    while mark_batch(state, id, digest, (first, last)).await? {}
    if !finish(state, id, digest, total).await? {
        abandon(state, id, digest).await?;
    }
    Ok(())
}

/// Stores the digest and its event, so that retries send the same bytes.
async fn begin(state: &AppState, webhook: WebhookId, summary: DigestSummary) -> Result<Option<DeliveryId>, DbErr> {
    let projects = project::Entity::find()
        .filter(project::Column::Id.is_in(summary.projects()))
        .order_by_asc(project::Column::Id)
        .all(state.store.read())
        .await?;
    let state_in_tx = state.clone();
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let Some(webhook) = lock_sender(tx, webhook).await? else { return Ok(None) };
            let owner = project::Entity::find_by_id(webhook.project_id).one(tx.db()).await?;
            let Some(owner) = owner else { return Ok(None) };
            insert(&state_in_tx, tx, &webhook, (&owner, projects), summary).await.map(Some)
        })
    });
    change.await
}

async fn insert(
    state: &AppState,
    tx: &Tx<'_>,
    webhook: &webhook::Model,
    (owner, projects): (&project::Model, Vec<project::Model>),
    summary: DigestSummary,
) -> Result<DeliveryId, DbErr> {
    let (id, event_id, now): (DeliveryId, EventId, _) = (state.ids.next(), state.ids.next(), state.clock.now());
    let subject = events_text(summary.total());
    let path = format!("/projects/{}/settings/webhooks?tab=deliveries&delivery={id}", owner.id);
    let named = projects.into_iter().map(|row| DigestProject { id: row.id, key: row.key, name: row.name });
    let envelope = Envelope {
        id: event_id,
        event: DIGEST_EVENT,
        timestamp: now,
        project: ProjectPart { id: owner.id, key: &owner.key, name: &owner.name },
        actor: None,
        data: summary.data(&named.collect::<Vec<_>>(), &state.config.link(&path)),
    };
    let body = serde_json::to_string(&envelope).map_err(|error| DbErr::Json(error.to_string()))?;
    let event = event::Model {
        id: event_id,
        project_id: owner.id,
        event_type: DIGEST_EVENT.to_owned(),
        body,
        occurred_at: now,
        erased_at: None,
        erased_by: None,
    };
    event::Entity::insert(event.into_active_model().reset_all()).exec_without_returning(tx.db()).await?;
    let row = delivery::ActiveModel {
        id: Set(id),
        project_id: Set(owner.id),
        webhook_id: Set(webhook.id),
        direction: Set(Direction::Outbound),
        event_type: Set(DIGEST_EVENT.to_owned()),
        event_id: Set(Some(event_id)),
        status: Set(StoredStatus::Pending),
        attempts: Set(0),
        test: Set(false),
        subject_search: Set(Some(fold(&subject))),
        subject: Set(Some(subject)),
        created_at: Set(now),
        digest_delivery_id: Set(Some(id)),
        lease_until: Set(Some(state.clock.schedule_now() + LEASE_DURATION)),
        ..Default::default()
    };
    delivery::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(id)
}

/// Marks a batch of what the digest covers. Returns whether there may be more.
async fn mark_batch(
    state: &AppState,
    webhook: WebhookId,
    digest: DeliveryId,
    (first, last): (DeliveryId, DeliveryId),
) -> Result<bool, DbErr> {
    let lease = state.clock.schedule_now() + LEASE_DURATION;
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // What waits may be cancelled between two batches, but not within one.
            if lock_sender(tx, webhook).await?.is_none() {
                return Ok(false);
            }
            let extended = delivery::Entity::update_many()
                .col_expr(Column::LeaseUntil, Expr::value(lease))
                .filter(being_made(digest))
                .exec(tx.db())
                .await?;
            // Another node may have abandoned it, because the lease had expired.
            if extended.rows_affected == 0 {
                return Ok(false);
            }
            let which = format!("{COLLECTED} AND id BETWEEN $3 AND $4");
            let values = vec![digest.into(), first.into(), last.into()];
            let marked = change_batch(tx, webhook, (&which, "digest_delivery_id = $2"), values).await?;
            // The rows look as before, so nobody is notified.
            Ok::<_, DbErr>(marked.len() as u64 == BATCH_ROWS)
        })
    });
    change.await
}

/// Queues the digest, if it covers exactly what it sums up.
async fn finish(state: &AppState, webhook: WebhookId, digest: DeliveryId, total: u64) -> Result<bool, DbErr> {
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let Some(webhook) = lock_sender(tx, webhook).await? else { return Ok(false) };
            let covered = select_covered(digest).filter(Column::Status.eq(StoredStatus::Pending));
            if covered.count(tx.db()).await? != total {
                return Ok(false);
            }
            let queued = delivery::ActiveModel {
                digest_delivery_id: Set(None),
                lease_until: Set(None),
                next_attempt_at: Set(Some(due)),
                ..Default::default()
            };
            let queued = delivery::Entity::update_many().set(queued).filter(being_made(digest)).exec(tx.db()).await?;
            if queued.rows_affected == 0 {
                return Ok(false);
            }
            // After a full digest, the rest follows at once.
            if let Some(interval) = webhook.digest_interval().filter(|_| total < MAX_COVERED) {
                set_next(tx, webhook.id, now, interval).await?;
            }
            // The rows of what it covers look as before.
            notify(tx, webhook.id, &[(digest, webhook.project_id)]);
            Ok::<_, DbErr>(true)
        })
    });
    change.await
}

/// Deletes a digest that was not completed. What it covers waits for another one.
pub async fn abandon(state: &AppState, webhook: WebhookId, digest: DeliveryId) -> Result<(), DbErr> {
    let release = || async {
        let change = state.store.write(move |tx| {
            Box::pin(async move {
                webhook::Entity::find_by_id(webhook).lock_exclusive().one(tx.db()).await?;
                let row = delivery::Entity::find().filter(being_made(digest)).one(tx.db()).await?;
                let Some(row) = row else { return Ok(false) };
                let which = format!("digest_delivery_id = $2 AND event_type <> '{DIGEST_EVENT}'");
                let released =
                    change_batch(tx, webhook, (&which, "digest_delivery_id = NULL"), vec![digest.into()]).await?;
                // One that another writer has locked is left for the next batch.
                if !released.is_empty() || select_covered(digest).one(tx.db()).await?.is_some() {
                    return Ok(true);
                }
                // In the transaction that found no more, so that nothing can refer to it afterwards.
                delivery::Entity::delete_by_id(digest).exec(tx.db()).await?;
                delete_unneeded(tx, row.event_id.into_iter().collect()).await?;
                Ok::<_, DbErr>(false)
            })
        });
        change.await
    };
    while release().await? {}
    Ok(())
}
