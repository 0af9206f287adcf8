//! Makes a digest of what waits.

use std::collections::HashMap;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId, ProjectId};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ending::set_next;
use super::notify;
use super::queue::{BATCH_ROWS, MAX_COVERED, change_batch, due_at, select_collected};
use super::store::{lock_sender, store};
use crate::app_state::AppState;
use crate::dispatch::delivery_queue::{COLLECTED, PROJECT_REMOVED, give_up_projects_batch};
use crate::dispatch::endpoint::LoadedEndpoint;
use crate::entity::delivery::Column;
use crate::entity::{delivery, event, webhook};
use crate::events::{CoveredEvent, DigestSummary, EventMessage};

/// A delivery that waits, with its project, event, type of event and time.
type CollectedRow = (DeliveryId, ProjectId, Option<EventId>, String, DateTime<Utc>);

/// What a digest covers.
#[derive(Default)]
struct Collected {
    summary: DigestSummary,
    first: Option<DeliveryId>,
    last: Option<DeliveryId>,
}

/// Sends what waits, if it is due. After the digest was turned off, what was collected before is sent at once.
pub async fn send_due(state: &AppState, loaded: &LoadedEndpoint, webhook: &webhook::Model) -> Result<(), DbErr> {
    let (db, now) = (state.store.read(), state.clock.now());
    let Some(oldest) = select_collected(webhook.id).one(db).await? else { return Ok(()) };
    let interval = webhook.digest_interval();
    let is_early = |interval| due_at(oldest.created_at, interval, webhook.next_digest_at, now) > now;
    if interval.is_some_and(is_early) || is_awaited(state, webhook).await? {
        return Ok(());
    }
    let projects: Vec<ProjectId> = delivery::Entity::find()
        .select_only()
        .column(Column::ProjectId)
        .distinct()
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Expr::cust(COLLECTED))
        .into_tuple()
        .all(db)
        .await?;
    let ended = loaded.ended_projects(state, projects.into_iter().collect()).await?;
    if !ended.is_empty() {
        let ended: Vec<_> = ended.into_iter().collect();
        while give_up_projects_batch(state, webhook.id, &ended, PROJECT_REMOVED).await? {}
        return Ok(());
    }
    let collected = collect(state, webhook).await?;
    match collected.first {
        // A digest of one event would say less than its own message.
        Some(only) if collected.summary.total() == 1 => release(state, webhook, only).await,
        Some(first) => {
            let last = collected.last.unwrap_or(first);
            store(state, webhook, (first, last), collected.summary).await
        }
        None => Ok(()),
    }
}

/// With an order, a digest waits for earlier messages that are still retried.
async fn is_awaited(state: &AppState, webhook: &webhook::Model) -> Result<bool, DbErr> {
    if !DeliveryPolicy::from(&webhook.policy).ordered {
        return Ok(false);
    }
    let db = state.store.read();
    let mut queued = delivery::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Column::NextAttemptAt.is_not_null())
        .filter(Column::Test.eq(false))
        .limit(1);
    if webhook.digest_interval().is_none() {
        // New events are queued one by one meanwhile. The last digest doesn't wait for them.
        let collected = delivery::Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::WebhookId.eq(webhook.id))
            .filter(Expr::cust(COLLECTED))
            .order_by_desc(Column::Id)
            .limit(1);
        let Some(newest) = collected.into_tuple::<DeliveryId>().one(db).await? else { return Ok(false) };
        queued = queued.filter(Column::Id.lt(newest));
    }
    Ok(queued.into_tuple::<DeliveryId>().one(db).await?.is_some())
}

/// Sums up what waits, a page at a time.
async fn collect(state: &AppState, webhook: &webhook::Model) -> Result<Collected, DbErr> {
    let db = state.store.read();
    let mut collected = Collected::default();
    while collected.summary.total() < MAX_COVERED {
        let mut select = select_collected(webhook.id).limit(BATCH_ROWS);
        if let Some(last) = collected.last {
            select = select.filter(Column::Id.gt(last));
        }
        let page: Vec<CollectedRow> = select
            .select_only()
            .columns([Column::Id, Column::ProjectId, Column::EventId, Column::EventType, Column::CreatedAt])
            .into_tuple()
            .all(db)
            .await?;
        let events = event::Entity::find()
            .filter(event::Column::Id.is_in(page.iter().filter_map(|(_, _, event, ..)| *event)))
            .filter(event::Column::ErasedAt.is_null())
            .all(db)
            .await?;
        let message = |event: event::Model| (event.id, (event.occurred_at, EventMessage::new(event.body.into())));
        let events: HashMap<_, _> = events.into_iter().map(message).collect();
        let is_last = (page.len() as u64) < BATCH_ROWS;
        for (id, project, event, event_type, queued_at) in page {
            collected.first.get_or_insert(id);
            collected.last = Some(id);
            let stored = event.and_then(|event| events.get(&event));
            let at = stored.map_or(queued_at, |(at, _)| *at);
            let content = stored.map(|(_, message)| message.content());
            collected.summary.add(CoveredEvent { project, event: &event_type, at, content });
        }
        if is_last {
            break;
        }
    }
    Ok(collected)
}

/// Queues a single event as its own message.
async fn release(state: &AppState, webhook: &webhook::Model, only: DeliveryId) -> Result<(), DbErr> {
    let id = webhook.id;
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            // The webhook first, as everywhere.
            let Some(webhook) = lock_sender(tx, id).await? else { return Ok(()) };
            let which = format!("{COLLECTED} AND id = $3");
            let changed = change_batch(tx, id, (&which, "next_attempt_at = $2"), vec![due.into(), only.into()]).await?;
            if let Some(interval) = webhook.digest_interval() {
                set_next(tx, id, now, interval).await?;
            }
            notify(tx, id, &changed);
            Ok::<_, DbErr>(())
        })
    });
    change.await
}
