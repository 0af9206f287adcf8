//! Queues a part of a replay. What was sent in the meantime is skipped.

use std::collections::HashMap;

use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId};
use app::model::range_replay::ReplaySource;
use app::model::webhook::Direction;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::selection::Candidate;
use crate::app_state::AppState;
use crate::entity::delivery::{Column, StoredStatus};
use crate::entity::search_text::fold;
use crate::entity::{delivery, event, range_replay, webhook};
use crate::events::subject::event_subject;
use crate::service::deliveries::replay_queue::{insert, key_of, replay};
use crate::storage::Tx;

/// Queues deliveries in the given order, and returns how many. The others are skipped.
pub async fn enqueue(
    state: &AppState,
    tx: &Tx<'_>,
    (job, webhook): (&range_replay::Model, &webhook::Model),
    candidates: &[Candidate],
) -> Result<usize, DbErr> {
    let ids: Vec<EventId> = candidates.iter().map(|candidate| candidate.event).collect();
    let events = stored_events(tx, ids.clone()).await?;
    let deliveries = deliveries_by_event(tx, webhook, ids).await?;
    // What waits for a digest has no order.
    let is_ordered = DeliveryPolicy::from(&webhook.policy).ordered && webhook.digest_interval().is_none();
    let now = state.clock.now();
    let (mut rows, mut parents) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let Some(event) = events.get(&candidate.event) else { continue };
        let existing = deliveries.get(&candidate.event).map_or(&[][..], Vec::as_slice);
        if is_sent(job.source, existing) {
            continue;
        }
        let parent = match candidate.failed {
            Some(failed) => existing.iter().find(|row| row.id == failed),
            None => existing.last(),
        };
        let row = match parent {
            Some(parent) => {
                parents.push(parent);
                replay(state, parent, webhook, now)
            }
            // The failed delivery was deleted from the history.
            None if job.source == ReplaySource::Failed => continue,
            None => first_delivery(state, event, webhook, now),
        };
        // What is replayed may be older than the policy.
        let ordering_key = if is_ordered { key_of(event) } else { None };
        rows.push(delivery::Model { range_replay_id: Some(job.id), ordering_key, ..row });
    }
    if rows.is_empty() {
        return Ok(0);
    }
    insert(tx, &parents, &rows).await?;
    Ok(rows.len())
}

/// The events that are still stored. Their payloads can't be erased before this is committed.
async fn stored_events(tx: &Tx<'_>, ids: Vec<EventId>) -> Result<HashMap<EventId, event::Model>, DbErr> {
    let found = event::Entity::find()
        .filter(event::Column::Id.is_in(ids))
        .filter(event::Column::ErasedAt.is_null())
        .lock_shared()
        .all(tx.db())
        .await?;
    Ok(found.into_iter().map(|event| (event.id, event)).collect())
}

/// The webhook's deliveries of these events, except tests, oldest first.
async fn deliveries_by_event(
    tx: &Tx<'_>,
    webhook: &webhook::Model,
    ids: Vec<EventId>,
) -> Result<HashMap<EventId, Vec<delivery::Model>>, DbErr> {
    let found = delivery::Entity::find()
        .filter(Column::EventId.is_in(ids))
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Column::Test.eq(false))
        .order_by_asc(Column::Id)
        .all(tx.db())
        .await?;
    let mut by_event: HashMap<_, Vec<_>> = HashMap::new();
    for row in found {
        if let Some(event) = row.event_id {
            by_event.entry(event).or_default().push(row);
        }
    }
    Ok(by_event)
}

/// Whether the event waits or was delivered, or is no longer missed because it was attempted.
fn is_sent(source: ReplaySource, existing: &[delivery::Model]) -> bool {
    existing.iter().any(|row| match row.status {
        StoredStatus::Pending | StoredStatus::Held | StoredStatus::Delivered => true,
        StoredStatus::Failed => source == ReplaySource::Missed,
        StoredStatus::Discarded => source == ReplaySource::Missed && row.attempts > 0,
    })
}

/// The delivery of an event that the webhook didn't get.
fn first_delivery(
    state: &AppState,
    event: &event::Model,
    webhook: &webhook::Model,
    now: DateTime<Utc>,
) -> delivery::Model {
    let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
    let subject = event_subject(&event.event_type, &body["data"]);
    let is_queued = webhook.blocked().is_none() && webhook.digest_interval().is_none();
    let is_held = webhook.blocked().is_some();
    let id: DeliveryId = state.ids.next();
    delivery::Model {
        id,
        project_id: event.project_id,
        webhook_id: webhook.id,
        direction: Direction::Outbound,
        event_type: event.event_type.clone(),
        event_id: Some(event.id),
        status: if is_held { StoredStatus::Held } else { StoredStatus::Pending },
        outcome: None,
        status_code: None,
        error: None,
        attempts: 0,
        paused_attempts: 0,
        counted_streak: None,
        duration_ms: None,
        test: false,
        replay_of: None,
        replay_root: None,
        range_replay_id: None,
        body_sha256: None,
        tracker_delivery_id: None,
        issue_id: None,
        subject_search: subject.as_deref().map(fold),
        subject,
        ordering_key: None,
        digest_delivery_id: None,
        created_at: now,
        next_attempt_at: is_queued.then(|| state.clock.schedule_now()),
        lease_until: None,
        finished_at: None,
    }
}
