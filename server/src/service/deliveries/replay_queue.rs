//! Queues the deliveries of a replay in one transaction: all or none.

use std::collections::{HashMap, HashSet};

use app::error::Error;
use app::model::delivery::Delivery;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{EventId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;

use crate::app_state::AppState;
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::{delivery, event, webhook};
use crate::events::subject::ordering_key;
use crate::service::TxResult;
use crate::service::deliveries::view::{self as delivery_view, ShownWebhook};
use crate::storage::{Effect, Tx};

/// Queues copies of outbound deliveries in the given order. For a webhook that is disabled or inactive, they
/// are held.
///
/// # Errors
/// [`Error::Conflict`] if a webhook was deleted or an event is no longer stored.
pub async fn enqueue(state: &AppState, tx: &Tx<'_>, parents: Vec<delivery::Model>) -> TxResult<Vec<Delivery>> {
    let webhooks = active_webhooks(tx, &parents).await?;
    let events = stored_events(tx, &parents).await?;
    let now = state.clock.now();
    let mut rows = Vec::with_capacity(parents.len());
    for parent in &parents {
        let Some(webhook) = webhooks.get(&parent.webhook_id) else {
            return Err(Error::conflict("The webhook was deleted, so the delivery can't be replayed.").into());
        };
        if !parent.event_id.is_some_and(|event| events.contains(&event)) {
            let why = format!("The event of {} is no longer stored: it can't be sent again.", parent.id);
            return Err(Error::conflict(why).into());
        }
        rows.push(replay(state, parent, webhook, now));
    }
    set_ordering_keys(tx, &webhooks, &mut rows).await?;
    insert(tx, &parents.iter().collect::<Vec<_>>(), &rows).await?;
    let shown = rows.into_iter().map(|row| {
        let webhook = webhooks.get(&row.webhook_id).map_or_else(ShownWebhook::unknown, ShownWebhook::from);
        delivery_view::delivery(row, webhook, true)
    });
    Ok(shown.collect())
}

/// The key that the webhook's policy gives each event now. The replayed delivery may be older than the policy.
async fn set_ordering_keys(
    tx: &Tx<'_>,
    webhooks: &HashMap<WebhookId, webhook::Model>,
    rows: &mut [delivery::Model],
) -> Result<(), DbErr> {
    let is_ordered = |row: &delivery::Model| {
        let webhook = webhooks.get(&row.webhook_id);
        // What waits for a digest has no order.
        let is_ordered = |webhook: &webhook::Model| {
            DeliveryPolicy::from(&webhook.policy).ordered && webhook.digest_interval().is_none()
        };
        !row.test && webhook.is_some_and(is_ordered)
    };
    let ids: HashSet<_> = rows.iter().filter(|row| is_ordered(row)).filter_map(|row| row.event_id).collect();
    let found = match ids.is_empty() {
        true => Vec::new(),
        false => event::Entity::find().filter(event::Column::Id.is_in(ids)).all(tx.db()).await?,
    };
    let keys: HashMap<_, _> = found.iter().map(|event| (event.id, key_of(event))).collect();
    for row in rows {
        let key = row.event_id.filter(|_| is_ordered(row)).and_then(|event| keys.get(&event).cloned());
        row.ordering_key = key.flatten();
    }
    Ok(())
}

/// What the deliveries of an event are ordered by.
pub fn key_of(event: &event::Model) -> Option<String> {
    let body: Value = serde_json::from_str(&event.body).ok()?;
    ordering_key(&body["data"])
}

/// Stores new deliveries, and marks those that they repeat as the first of their chain.
///
/// # Errors
/// Those of the database.
pub async fn insert(tx: &Tx<'_>, parents: &[&delivery::Model], rows: &[delivery::Model]) -> Result<(), DbErr> {
    delivery::Entity::update_many()
        .col_expr(Column::ReplayRoot, Expr::col(Column::Id))
        .filter(Column::Id.is_in(parents.iter().map(|parent| parent.id)))
        .filter(Column::ReplayRoot.is_null())
        .exec(tx.db())
        .await?;
    let new = rows.iter().map(|row| row.clone().into_active_model().reset_all());
    delivery::Entity::insert_many(new).exec_without_returning(tx.db()).await?;
    parents.iter().copied().chain(rows).for_each(|row| notify(tx, row));
    Ok(())
}

/// A copy of a delivery that sends its event again.
pub fn replay(
    state: &AppState,
    parent: &delivery::Model,
    webhook: &webhook::Model,
    now: DateTime<Utc>,
) -> delivery::Model {
    // A replay is wanted, even if events are dropped.
    let is_held = webhook.blocked().is_some() && !parent.test;
    // A replayed digest is sent again at once, and marked, so that its end is passed on to what the first one covers.
    let (id, is_digest) = (state.ids.next(), parent.event_type == DIGEST_EVENT);
    let is_collected = webhook.digest_interval().is_some() && !parent.test && !is_digest;
    delivery::Model {
        id,
        status: if is_held { StoredStatus::Held } else { StoredStatus::Pending },
        status_code: None,
        error: None,
        attempts: 0,
        paused_attempts: 0,
        counted_streak: None,
        duration_ms: None,
        replay_of: Some(parent.id),
        replay_root: Some(parent.replay_root.unwrap_or(parent.id)),
        range_replay_id: None,
        digest_delivery_id: is_digest.then_some(id),
        created_at: now,
        next_attempt_at: (!is_held && !is_collected).then(|| state.clock.schedule_now()),
        lease_until: None,
        finished_at: None,
        ..parent.clone()
    }
}

/// The webhooks of deliveries that are not deleted. They are locked before the deliveries, as the recorder of
/// attempts does, so that neither waits for the other.
pub async fn active_webhooks(tx: &Tx<'_>, rows: &[delivery::Model]) -> TxResult<HashMap<WebhookId, webhook::Model>> {
    let ids: HashSet<_> = rows.iter().map(|row| row.webhook_id).collect();
    let found = webhook::Entity::find()
        .filter(webhook::Column::Id.is_in(ids))
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .lock_exclusive()
        .all(tx.db())
        .await?;
    Ok(found.into_iter().map(|webhook| (webhook.id, webhook)).collect())
}

/// The events of deliveries that are still stored.
pub async fn stored_events(tx: &Tx<'_>, rows: &[delivery::Model]) -> TxResult<HashSet<EventId>> {
    let ids: HashSet<_> = rows.iter().filter_map(|row| row.event_id).collect();
    let found = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::Id.is_in(ids))
        .filter(event::Column::ErasedAt.is_null())
        // Its payload can't be erased before this is committed.
        .lock_shared()
        .into_tuple::<EventId>()
        .all(tx.db())
        .await?;
    Ok(found.into_iter().collect())
}

/// For the new deliveries, the replayed ones, whose chain has grown, and the webhook's card, which
/// shows the number of held deliveries.
fn notify(tx: &Tx<'_>, row: &delivery::Model) {
    let (delivery_id, webhook_id, project_id) = (row.id, row.webhook_id, row.project_id);
    tx.after_commit_once(Effect::Live(ProjectChange {
        project_id,
        kind: ChangeKind::DeliveryChanged { delivery_id, webhook_id },
    }));
    if row.status == StoredStatus::Held {
        tx.after_commit_once(Effect::Live(ProjectChange {
            project_id,
            kind: ChangeKind::WebhookChanged { webhook_id },
        }));
    } else {
        tx.after_commit_once(Effect::Dispatch(webhook_id));
    }
}
