//! Tests of webhooks, sent by hand. An outbound test is one event for each webhook, kept as it
//! was first made: each test is a delivery of that same event, with the same bytes and the same
//! `webhook-id`, so that the second one meets the receiver's deduplication. It goes the way of
//! every delivery, but is attempted once, and also while the webhook is disabled, so that a
//! mended endpoint can be tried. Its type, [`TEST_EVENT`], is none that can be subscribed to.
//!
//! An inbound test is what the tracker would send, at the webhook's own door.

use app::error::{Error, Result};
use app::model::audit::AuditAction;
use app::model::delivery::{Delivery, DeliveryStatus, TEST_EVENT};
use app::model::id::{DeliveryId, EventId, IssueId};
use app::model::live::{Change, What};
use app::model::people::Actor;
use app::model::webhook::Direction;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::{Builder, Uuid};

use super::audit::{Deed, of_webhook};
use super::{ChangeError, delivery_view, webhooks};
use crate::core::Core;
use crate::crypto;
use crate::dispatch::envelope::{Envelope, ProjectPart};
use crate::entity::{delivery, event, project, webhook};
use crate::storage::{Effect, Tx, internal};

/// What a test says to who reads it.
const MESSAGE: &str = "This is a test from Testbell: the webhook works, and nothing has happened.";

impl Core {
    pub(super) async fn send_test(&self, actor: &Actor, row: webhook::Model) -> Result<Delivery> {
        match row.direction {
            Direction::Outbound => self.test_outbound(actor, row).await,
            Direction::Inbound => self.test_inbound(actor, row).await,
        }
    }

    async fn test_outbound(&self, actor: &Actor, row: webhook::Model) -> Result<Delivery> {
        let project = project::Entity::find_by_id(row.project_id).one(self.store.read()).await.map_err(internal)?;
        let event = test_event(&row, &project.ok_or(Error::NotFound)?)?;
        let now = self.clock.now();
        let queued = delivery::Model {
            id: self.ids.next(),
            project_id: row.project_id,
            webhook_id: row.id,
            direction: Direction::Outbound,
            event_type: event.event_type.clone(),
            event_id: Some(event.id),
            status: DeliveryStatus::Pending,
            outcome: None,
            status_code: None,
            error: None,
            attempts: 0,
            duration_ms: None,
            test: true,
            replay_of: None,
            replay_root: None,
            digest: None,
            issue_id: None,
            created_at: now,
            next_attempt_at: Some(now),
            lease_until: None,
            finished_at: None,
        };
        let (core, actor) = (self.clone(), actor.clone());
        let change = self.store.write(move |tx| {
            Box::pin(async move {
                let row = webhooks::locked(tx, row.id).await?;
                store_once(tx, event).await?;
                delivery::Entity::insert(queued.clone().into_active_model().reset_all())
                    .exec_without_returning(tx.db())
                    .await?;
                core.audit(tx, tested(&actor, &row)).await?;
                let (delivery_id, webhook_id) = (queued.id, row.id);
                let what = What::DeliveryChanged { delivery_id, webhook_id };
                tx.after_commit(Effect::Live(Change { project_id: row.project_id, what }));
                tx.after_commit(Effect::Dispatch(webhook_id));
                Ok::<_, ChangeError>(delivery_view::delivery(queued, row.name, false))
            })
        });
        Ok(change.await?)
    }

    async fn test_inbound(&self, actor: &Actor, row: webhook::Model) -> Result<Delivery> {
        let (core, who, webhook) = (self.clone(), actor.clone(), row.clone());
        let noted = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { core.audit(tx, tested(&who, &webhook)).await }));
        noted.await.map_err(internal)?;
        let name = row.name.clone();
        let id: DeliveryId = self.receive_test(row).await.map_err(Error::conflict)?;
        let received = delivery::Entity::find_by_id(id).one(self.store.read()).await.map_err(internal)?;
        received.map(|row| delivery_view::delivery(row, name, false)).ok_or(Error::NotFound)
    }
}

fn tested<'a>(actor: &'a Actor, webhook: &'a webhook::Model) -> Deed<'a> {
    of_webhook(actor, AuditAction::WebhookTested, webhook, None)
}

/// The event of a webhook's tests. Nothing in it depends on when or by whom it is sent.
fn test_event(webhook: &webhook::Model, project: &project::Model) -> Result<event::Model> {
    let id = test_event_id(webhook);
    let envelope = Envelope {
        id,
        event: TEST_EVENT,
        timestamp: webhook.created_at,
        project: ProjectPart { id: project.id, key: &project.key, name: &project.name },
        actor: None,
        data: json!({
            // No issue has the nil id.
            "id": IssueId(Uuid::nil()),
            "title": "Test",
            "message": MESSAGE,
            "webhookId": webhook.id,
        }),
    };
    let body = serde_json::to_string(&envelope).map_err(|error| internal(DbErr::Json(error.to_string())))?;
    Ok(event::Model {
        id,
        project_id: project.id,
        event_type: TEST_EVENT.to_owned(),
        body,
        occurred_at: webhook.created_at,
    })
}

/// A UUID of version 8, made of the webhook's id: the same for each test of it.
fn test_event_id(webhook: &webhook::Model) -> EventId {
    let hash = crypto::sha256(format!("{TEST_EVENT} {}", webhook.id).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    EventId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The first one stays: a project that was renamed since does not change the bytes.
async fn store_once(tx: &Tx<'_>, event: event::Model) -> std::result::Result<(), DbErr> {
    let insert = event::Entity::insert(event.into_active_model().reset_all())
        .on_conflict(OnConflict::column(event::Column::Id).do_nothing().to_owned());
    match insert.exec_without_returning(tx.db()).await {
        Ok(_) | Err(DbErr::RecordNotInserted) => Ok(()),
        Err(error) => Err(error),
    }
}
