//! Sends a webhook's test event. All outbound tests of a webhook are deliveries of one stored
//! event, or of the stored sample of an event, with the same bytes and the same `webhook-id`, so that a second test shows the receiver's
//! deduplication. A test is dispatched like any delivery, but attempted only once, even while the
//! webhook is disabled, so that a fixed endpoint can be checked. Its type, [`TEST_EVENT`], can't be
//! subscribed to.
//!
//! An inbound test is received like an event of the tracker.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::catalog::{EventType, PAYLOAD_VERSION, test_data};
use app::model::delivery::{Delivery, TEST_EVENT};
use app::model::id::{DeliveryId, EventId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook::{Direction, SendTest};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Builder;

use super::{rows, subscriptions};
use crate::app_state::AppState;
use crate::audit_log::{self, NewAuditEntry};
use crate::crypto;
use crate::entity::delivery::StoredStatus;
use crate::entity::search_text::fold;
use crate::entity::{delivery, event, project, webhook};
use crate::events::subject::event_subject;
use crate::events::{Envelope, ProjectPart};
use crate::inbound::send_test_event;
use crate::service::TxError;
use crate::service::deliveries::view::{self as delivery_view, ShownWebhook};
use crate::storage::{Effect, Tx, internal};

pub(crate) async fn send_test(
    state: &AppState,
    actor: &Actor,
    row: webhook::Model,
    test: SendTest,
) -> Result<Delivery> {
    match row.direction {
        Direction::Outbound => test_outbound(state, actor, row, test).await,
        Direction::Inbound if test.event.is_some() => {
            Err(Error::field("event", "An inbound webhook has no samples to send."))
        }
        Direction::Inbound => test_inbound(state, actor, row).await,
    }
}

async fn test_outbound(state: &AppState, actor: &Actor, row: webhook::Model, test: SendTest) -> Result<Delivery> {
    if let Some(event) = test.event {
        require_subscribed(state, &row, event).await?;
    }
    let project = project::Entity::find_by_id(row.project_id).one(state.store.read()).await.map_err(internal)?;
    let project = project.ok_or(Error::NotFound)?;
    if project.deleted_at.is_some() {
        return Err(Error::conflict("The project of the webhook was deleted. Select other projects first."));
    }
    let event = test_event(&row, &project, test.event)?;
    let subject = test.event.and_then(|event| event_subject(event.as_str(), &event.test_data()));
    let subject = subject.unwrap_or_else(|| "Test event".to_owned());
    let now = state.clock.now();
    let queued = delivery::Model {
        id: state.ids.next(),
        project_id: row.project_id,
        webhook_id: row.id,
        direction: Direction::Outbound,
        event_type: event.event_type.clone(),
        event_id: Some(event.id),
        status: StoredStatus::Pending,
        outcome: None,
        status_code: None,
        error: None,
        attempts: 0,
        paused_attempts: 0,
        counted_streak: None,
        duration_ms: None,
        test: true,
        replay_of: None,
        replay_root: None,
        range_replay_id: None,
        body_sha256: None,
        tracker_delivery_id: None,
        issue_id: None,
        subject_search: Some(fold(&subject)),
        subject: Some(subject),
        ordering_key: None,
        digest_delivery_id: None,
        created_at: now,
        next_attempt_at: Some(state.clock.schedule_now()),
        lease_until: None,
        finished_at: None,
    };
    let (state_in_tx, actor) = (state.clone(), actor.clone());
    let change = state.store.write(move |tx| {
        Box::pin(async move {
            let row = rows::lock(tx, row.id).await?;
            store_once(tx, event).await?;
            delivery::Entity::insert(queued.clone().into_active_model().reset_all())
                .exec_without_returning(tx.db())
                .await?;
            audit_log::record(&state_in_tx, tx, tested(&actor, &row)).await?;
            let (delivery_id, webhook_id) = (queued.id, row.id);
            let kind = ChangeKind::DeliveryChanged { delivery_id, webhook_id };
            tx.after_commit(Effect::Live(ProjectChange { project_id: row.project_id, kind }));
            tx.after_commit(Effect::Dispatch(webhook_id));
            Ok::<_, TxError>(delivery_view::delivery(queued, (&row).into(), true))
        })
    });
    Ok(change.await?)
}

async fn test_inbound(state: &AppState, actor: &Actor, row: webhook::Model) -> Result<Delivery> {
    let (state_in_tx, who, webhook) = (state.clone(), actor.clone(), row.clone());
    let noted = state.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move { audit_log::record(&state_in_tx, tx, tested(&who, &webhook)).await })
    });
    noted.await.map_err(internal)?;
    let shown = ShownWebhook::from(&row);
    let id: DeliveryId = send_test_event(state, row).await.map_err(Error::conflict)?;
    let received = delivery::Entity::find_by_id(id).one(state.store.read()).await.map_err(internal)?;
    received.map(|row| delivery_view::delivery(row, shown, true)).ok_or(Error::NotFound)
}

fn tested<'a>(actor: &'a Actor, webhook: &'a webhook::Model) -> NewAuditEntry<'a> {
    NewAuditEntry::for_webhook(actor, AuditAction::WebhookTested, webhook, None)
}

async fn require_subscribed(state: &AppState, webhook: &webhook::Model, event: EventType) -> Result<()> {
    let loaded = subscriptions::load(state.store.read(), &[webhook.id]).await.map_err(internal)?;
    if loaded.into_values().flatten().any(|subscription| subscription.matches(event)) {
        return Ok(());
    }
    Err(Error::field("event", "The webhook doesn't subscribe to this event."))
}

/// The event of a webhook's tests, or of the tests with a sample. It doesn't depend on when or by whom it is
/// sent.
fn test_event(webhook: &webhook::Model, project: &project::Model, sample: Option<EventType>) -> Result<event::Model> {
    let event_type = sample.as_ref().map_or(TEST_EVENT, EventType::as_str);
    let id = test_event_id(webhook, event_type, sample.is_some());
    let envelope = Envelope {
        id,
        event: event_type,
        timestamp: webhook.created_at,
        project: ProjectPart { id: project.id, key: &project.key, name: &project.name },
        actor: None,
        data: sample.map_or_else(|| test_data(webhook.id), EventType::test_data),
    };
    let body = serde_json::to_string(&envelope).map_err(|error| internal(DbErr::Json(error.to_string())))?;
    Ok(event::Model {
        id,
        project_id: project.id,
        event_type: event_type.to_owned(),
        body,
        occurred_at: webhook.created_at,
        erased_at: None,
        erased_by: None,
    })
}

/// A version 8 UUID derived from the webhook's ID and the type, so that each test has the same. A sample with
/// another version of its payload has another one.
fn test_event_id(webhook: &webhook::Model, event_type: &str, is_sample: bool) -> EventId {
    let version = if is_sample { format!(" {PAYLOAD_VERSION}") } else { String::new() };
    let hash = crypto::sha256(format!("{event_type} {}{version}", webhook.id).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    EventId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The first one is kept, so that renaming the project doesn't change the bytes.
async fn store_once(tx: &Tx<'_>, event: event::Model) -> std::result::Result<(), DbErr> {
    let insert = event::Entity::insert(event.into_active_model().reset_all())
        .on_conflict(OnConflict::column(event::Column::Id).do_nothing().to_owned());
    match insert.exec_without_returning(tx.db()).await {
        Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error),
    }
}
