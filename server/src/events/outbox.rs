//! Stores events in the transaction of the change: one event, and one delivery for each outbound
//! webhook of the project that subscribes to it and whose conditions it meets. Once it is committed it will be sent,
//! whatever happens to the process. An event that no webhook gets is stored as well, so that a later webhook can get what
//! it missed, and conditions can be tried on it.

use std::sync::Arc;

use app::model::catalog::{EventType, Subscription};
use app::model::condition::Conditions;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook::{Direction, Health, WebhookKind};
use app::model::webhook_activity::WhileInactive;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query, SelectStatement, UnionType};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use serde_json::Value;

use super::condition;
use super::envelope::{ActorPart, Envelope, ProjectPart};
use super::subject;
use super::truncate::truncate_event_data;
use crate::app_state::AppState;
use crate::entity::delivery::StoredStatus;
use crate::entity::json::WebhookPolicy;
use crate::entity::search_text::fold;
use crate::entity::webhook::{Blocked, digest_interval};
use crate::entity::webhook_route::{self, ALL_PROJECTS};
use crate::entity::{delivery, event, project, webhook, webhook_project};
use crate::storage::{Appended, Effect, Tx};

/// The reason of a delivery that was cancelled because its webhook was inactive.
pub const WEBHOOK_INACTIVE: &str = "The webhook was inactive.";

/// A new event in a project.
pub struct NewEvent<'a> {
    /// The project.
    pub project: &'a project::Model,
    /// The event type.
    pub event: EventType,
    /// The user who caused it; `None` for a tracker.
    pub actor: Option<&'a Actor>,
    /// The envelope's `data`; its schema is in the catalog.
    pub data: Value,
}

/// The project, the type and the cause of events.
type EventKind<'a> = (&'a project::Model, EventType, Option<&'a Actor>);

/// The number of rows that are inserted at once.
const BATCH_ROWS: usize = 512;
/// The number of events that are published at once whose deliveries browsers are notified of one by one.
const MAX_NOTIFIED: usize = 50;

/// The webhooks that subscribe to an event. Their conditions are not compared yet.
struct Subscribers(Arc<Vec<Subscriber>>);

/// What decides whether and how a webhook gets an event.
#[derive(Clone, FromQueryResult)]
struct Subscriber {
    id: WebhookId,
    active: bool,
    instance_paused: bool,
    while_inactive: WhileInactive,
    health: Health,
    conditions: Conditions,
    kind: WebhookKind,
    policy: WebhookPolicy,
}

async fn subscribers_of(tx: &Tx<'_>, project: ProjectId, event: EventType) -> Result<Subscribers, DbErr> {
    let select = subscribers(project, event).into_model::<Subscriber>();
    tx.read_once((project, event.as_str().to_owned()), select.all(tx.db())).await.map(Subscribers)
}

/// Stores an event and queues its deliveries.
pub async fn publish(state: &AppState, tx: &Tx<'_>, new: NewEvent<'_>) -> Result<(), DbErr> {
    publish_all(state, tx, (new.project, new.event, new.actor), vec![new.data]).await
}

/// [`publish`]; returns the ID of the event and the number of its deliveries.
pub async fn publish_counted(state: &AppState, tx: &Tx<'_>, new: NewEvent<'_>) -> Result<(EventId, u32), DbErr> {
    let Subscribers(subscribers) = subscribers_of(tx, new.project.id, new.event).await?;
    let event = StoredEvent::new(state, (new.project, new.event, new.actor), new.data)?;
    let found = matching(&subscribers, &event.body)?.into_iter();
    let deliveries: Vec<_> = found.map(|webhook| event.delivery_to(state, tx, webhook, Shown::OneByOne)).collect();
    let counted = (event.id, u32::try_from(deliveries.len()).unwrap_or(u32::MAX));
    tx.append(Appended { events: vec![event.row()], deliveries, ..Default::default() }).await?;
    Ok(counted)
}

/// [`publish`] for several events of one type, in their order.
pub async fn publish_all(state: &AppState, tx: &Tx<'_>, kind: EventKind<'_>, data: Vec<Value>) -> Result<(), DbErr> {
    if data.is_empty() {
        return Ok(());
    }
    let subscribers = subscribers_of(tx, kind.0.id, kind.1).await?;
    publish_to(state, tx, subscribers, kind, data).await
}

/// [`publish`], except to one webhook.
pub async fn publish_except(
    state: &AppState,
    tx: &Tx<'_>,
    new: NewEvent<'_>,
    excluded: WebhookId,
) -> Result<(), DbErr> {
    let Subscribers(found) = subscribers_of(tx, new.project.id, new.event).await?;
    let others = found.iter().filter(|webhook| webhook.id != excluded).cloned().collect();
    publish_to(state, tx, Subscribers(Arc::new(others)), (new.project, new.event, new.actor), vec![new.data]).await
}

/// Stores events and queues their deliveries to the subscribers with conditions that they meet.
async fn publish_to(
    state: &AppState,
    tx: &Tx<'_>,
    Subscribers(subscribers): Subscribers,
    kind: EventKind<'_>,
    data: Vec<Value>,
) -> Result<(), DbErr> {
    let first_shown = data.len().saturating_sub(MAX_NOTIFIED);
    let mut rows = Appended::default();
    for (nth, data) in data.into_iter().enumerate() {
        let event = StoredEvent::new(state, kind, data)?;
        for webhook in matching(&subscribers, &event.body)? {
            let shown = if nth < first_shown { Shown::WithWebhook } else { Shown::OneByOne };
            rows.deliveries.push(event.delivery_to(state, tx, webhook, shown));
        }
        rows.events.push(event.row());
        if rows.deliveries.len() >= BATCH_ROWS || rows.events.len() >= BATCH_ROWS {
            tx.append(std::mem::take(&mut rows)).await?;
        }
    }
    tx.append(rows).await
}

/// How pages learn of a delivery.
enum Shown {
    /// By itself.
    OneByOne,
    /// It is one of many: lists read everything again, because the webhook changed.
    WithWebhook,
}

/// An event with what its deliveries need.
struct StoredEvent {
    id: EventId,
    project: ProjectId,
    event: EventType,
    body: String,
    subject: Option<String>,
    ordering_key: Option<String>,
    at: DateTime<Utc>,
}

impl StoredEvent {
    fn new(state: &AppState, (project, event, actor): EventKind<'_>, data: Value) -> Result<Self, DbErr> {
        let (id, at) = (state.ids.next(), state.clock.now());
        let (subject, ordering_key) = (subject::event_subject(event.as_str(), &data), subject::ordering_key(&data));
        let envelope = Envelope {
            id,
            event: event.as_str(),
            timestamp: at,
            project: ProjectPart { id: project.id, key: &project.key, name: &project.name },
            actor: actor.map(|actor| ActorPart { id: actor.id, name: &actor.name }),
            // The data of a custom event is bounded when it is published, and arrives as it was sent.
            data: if event.is_custom() { data } else { truncate_event_data(data) },
        };
        let body = serde_json::to_string(&envelope).map_err(|error| DbErr::Json(error.to_string()))?;
        Ok(Self { id, project: project.id, event, body, subject, ordering_key, at })
    }

    fn row(self) -> event::ActiveModel {
        event::ActiveModel {
            id: Set(self.id),
            project_id: Set(self.project),
            event_type: Set(self.event.as_str().to_owned()),
            body: Set(self.body),
            occurred_at: Set(self.at),
            erased_at: Set(None),
            erased_by: Set(None),
        }
    }

    /// The delivery to a subscriber. After the commit, the pages and the dispatcher are notified of it.
    fn delivery_to(&self, state: &AppState, tx: &Tx<'_>, webhook: &Subscriber, shown: Shown) -> delivery::ActiveModel {
        let (webhook_id, policy) = (webhook.id, DeliveryPolicy::from(&webhook.policy));
        let is_collected = digest_interval(webhook.kind, &policy).is_some();
        let delivery_id: DeliveryId = state.ids.next();
        let live = |kind| Effect::Live(ProjectChange { project_id: self.project, kind });
        let webhook_changed = || tx.after_commit_once(live(ChangeKind::WebhookChanged { webhook_id }));
        match shown {
            Shown::OneByOne => tx.after_commit(live(ChangeKind::DeliveryChanged { delivery_id, webhook_id })),
            Shown::WithWebhook => webhook_changed(),
        }
        let blocked = Blocked::of((webhook.active, webhook.instance_paused), webhook.while_inactive, webhook.health);
        let (status, next_attempt_at) = match blocked {
            // Its card shows the number of held deliveries.
            Some(Blocked::Held) => {
                webhook_changed();
                (StoredStatus::Held, None)
            }
            // It can be replayed.
            Some(Blocked::Dropped) => (StoredStatus::Discarded, None),
            None => {
                if policy.has_shown_queue() || webhook.kind.has_digests() {
                    webhook_changed();
                }
                // What waits for a digest has no next attempt.
                if !is_collected {
                    tx.after_commit_once(Effect::Dispatch(webhook_id));
                }
                (StoredStatus::Pending, (!is_collected).then(|| state.clock.schedule_now()))
            }
        };
        let is_dropped = blocked == Some(Blocked::Dropped);
        delivery::ActiveModel {
            id: Set(delivery_id),
            project_id: Set(self.project),
            webhook_id: Set(webhook_id),
            direction: Set(Direction::Outbound),
            event_type: Set(self.event.as_str().to_owned()),
            event_id: Set(Some(self.id)),
            status: Set(status),
            attempts: Set(0),
            test: Set(false),
            subject: Set(self.subject.clone()),
            subject_search: Set(self.subject.as_deref().map(fold)),
            ordering_key: Set(self.ordering_key.clone().filter(|_| policy.ordered && !is_collected)),
            created_at: Set(self.at),
            next_attempt_at: Set(next_attempt_at),
            error: Set(is_dropped.then(|| WEBHOOK_INACTIVE.to_owned())),
            finished_at: Set(is_dropped.then_some(self.at)),
            ..Default::default()
        }
    }
}

/// The subscribers with conditions that the envelope meets. It is parsed only if there are conditions.
fn matching<'a>(subscribers: &'a [Subscriber], body: &str) -> Result<Vec<&'a Subscriber>, DbErr> {
    if subscribers.iter().all(|webhook| webhook.conditions.rules.is_empty()) {
        return Ok(subscribers.iter().collect());
    }
    let envelope: Value = serde_json::from_str(body).map_err(|error| DbErr::Json(error.to_string()))?;
    let event = condition::ComparedEvent::new(&envelope);
    Ok(subscribers.iter().filter(|webhook| event.meets(&webhook.conditions)).collect())
}

/// The ID, activity, health and conditions of each webhook that subscribes to the event. The index of the routes leads
/// to these webhooks only, so the others cost nothing, however many there are.
///
/// If another node disables or enables a webhook at the same moment, the delivery gets the other
/// status. The endpoint worker finds it in either.
fn subscribers(project: ProjectId, event: EventType) -> Select<webhook::Entity> {
    use webhook::Column;
    use webhook_route::Column as Route;
    let wanted = Subscription::matching(event).map(|subscription| subscription.to_string());
    let subscribed = Query::select()
        .column(Route::WebhookId)
        .from(webhook_route::Entity)
        .and_where(Route::ProjectId.is_in([project, ALL_PROJECTS]))
        .and_where(Route::EventType.is_in(wanted))
        .take();
    webhook::Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::Active,
            Column::InstancePaused,
            Column::WhileInactive,
            Column::Health,
            Column::Conditions,
            Column::Kind,
            Column::Policy,
        ])
        .filter(Column::Id.in_subquery(subscribed))
        .filter(Column::Direction.eq(Direction::Outbound))
        .filter(Column::DeletedAt.is_null())
}

/// The IDs of the outbound webhooks that send the events of a project.
#[must_use]
pub fn in_scope(project: ProjectId) -> SelectStatement {
    let all = Query::select()
        .column(webhook::Column::Id)
        .from(webhook::Entity)
        // Literal text in the statement, so that the partial index applies.
        .and_where(Expr::cust("scope = 'all' AND deleted_at IS NULL"))
        .take();
    Query::select()
        .column(webhook_project::Column::WebhookId)
        .from(webhook_project::Entity)
        .and_where(webhook_project::Column::ProjectId.eq(project))
        .union(UnionType::All, all)
        .take()
}

#[cfg(test)]
mod tests {
    use migrations::Migrator;
    use sea_orm::{ConnectionTrait, Database, DbBackend, QueryTrait};
    use sea_orm_migration::MigratorTrait;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn subscribers_are_found_by_indexes() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let select = subscribers(ProjectId(Uuid::from_u128(1)), EventType::IssueCreated);
        let mut explain = select.build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let rows = db.query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(!plan.iter().any(|step| step.starts_with("SCAN")), "{plan:?}");
        let routes = |step: &String| step.contains("webhook_routes") && step.contains("project_id=? AND event_type=?");
        assert!(plan.iter().any(routes), "{plan:?}");
    }
}
