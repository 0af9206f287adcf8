//! From a change to its deliveries, within the change's transaction: one event, and one delivery
//! for each outbound webhook of the project that subscribes to it. What is committed here is
//! sent, whatever happens to the process.

use app::model::catalog::EventType;
use app::model::delivery::DeliveryStatus;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::live::{Change, What};
use app::model::people::Actor;
use app::model::webhook::{Direction, Health};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;

use super::bound::bounded;
use super::envelope::{ActorPart, Envelope, ProjectPart};
use crate::core::Core;
use crate::entity::json::EventTypes;
use crate::entity::{delivery, event, project, webhook};
use crate::storage::{Effect, Tx};

/// Something that happened in a project.
pub struct Happening<'a> {
    /// Where.
    pub project: &'a project::Model,
    /// What.
    pub event: EventType,
    /// Who did it; `None` for a tracker.
    pub actor: Option<&'a Actor>,
    /// The envelope's `data`, after the catalogue's schema.
    pub data: Value,
}

impl Core {
    /// Stores an event and queues its deliveries. Without a subscriber nothing is stored.
    ///
    /// # Errors
    /// The database's own.
    pub async fn emit(&self, tx: &Tx<'_>, happening: Happening<'_>) -> Result<(), DbErr> {
        let subscribers = self.subscribers(tx, happening.project.id, happening.event).await?;
        if subscribers.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let event_id: EventId = self.ids.next();
        let project = happening.project;
        let envelope = Envelope {
            id: event_id,
            event: happening.event.as_str(),
            timestamp: now,
            project: ProjectPart { id: project.id, key: &project.key, name: &project.name },
            actor: happening.actor.map(|actor| ActorPart { id: actor.id, name: &actor.name }),
            data: bounded(happening.data),
        };
        let body = serde_json::to_string(&envelope).map_err(|error| DbErr::Json(error.to_string()))?;
        event::Entity::insert(event::ActiveModel {
            id: Set(event_id),
            project_id: Set(happening.project.id),
            event_type: Set(happening.event.as_str().to_owned()),
            body: Set(body),
            occurred_at: Set(now),
        })
        .exec_without_returning(tx.db())
        .await?;
        let rows = subscribers.into_iter().map(|(webhook_id, health)| {
            let delivery_id: DeliveryId = self.ids.next();
            let live = |what| tx.after_commit(Effect::Live(Change { project_id: happening.project.id, what }));
            live(What::DeliveryChanged { delivery_id, webhook_id });
            let (status, due) = match health {
                // Its card counts what is held.
                Health::Disabled => {
                    live(What::WebhookChanged { webhook_id });
                    (DeliveryStatus::Held, None)
                }
                Health::Healthy | Health::Degraded => {
                    tx.after_commit(Effect::Dispatch(webhook_id));
                    (DeliveryStatus::Pending, Some(now))
                }
            };
            delivery::ActiveModel {
                id: Set(delivery_id),
                project_id: Set(happening.project.id),
                webhook_id: Set(webhook_id),
                direction: Set(Direction::Outbound),
                event_type: Set(happening.event.as_str().to_owned()),
                event_id: Set(Some(event_id)),
                status: Set(status),
                attempts: Set(0),
                test: Set(false),
                created_at: Set(now),
                next_attempt_at: Set(due),
                ..Default::default()
            }
        });
        delivery::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
        Ok(())
    }

    /// Those of the event, with their health. One that is disabled or enabled at this moment, by
    /// another node, gets its delivery on the wrong side; the lane finds it on either.
    async fn subscribers(
        &self,
        tx: &Tx<'_>,
        project: ProjectId,
        event: EventType,
    ) -> Result<Vec<(WebhookId, Health)>, DbErr> {
        use webhook::Column;
        let webhooks = webhook::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Health, Column::Events])
            .filter(Column::ProjectId.eq(project))
            .filter(Column::Direction.eq(Direction::Outbound))
            .filter(Column::DeletedAt.is_null())
            .into_tuple::<(WebhookId, Health, EventTypes)>()
            .all(tx.db())
            .await?;
        let subscribed = webhooks.into_iter().filter(|(_, _, events)| events.0.contains(&event));
        Ok(subscribed.map(|(id, health, _)| (id, health)).collect())
    }
}
