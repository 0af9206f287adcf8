//! Stores events in the transaction of the change: one event, and one delivery for each outbound
//! webhook of the project that subscribes to it and whose conditions it meets. Once it is committed it will be sent,
//! whatever happens to the process. An event that no webhook gets is stored as well, so that a later webhook can get what
//! it missed, and conditions can be tried on it.

use app::model::catalog::{EventType, Subscription};
use app::model::condition::Conditions;
use app::model::delivery_policy::DeliveryPolicy;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::live::{ChangeKind, ProjectChange};
use app::model::people::Actor;
use app::model::webhook::{Direction, Health, WebhookKind};
use app::model::webhook_activity::WhileInactive;
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
use crate::storage::{Effect, Tx};

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

/// The webhooks that subscribe to an event. Their conditions are not compared yet.
struct Subscribers(Vec<Subscriber>);

/// What decides whether and how a webhook gets an event.
#[derive(FromQueryResult)]
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
    subscribers(project, event).into_model::<Subscriber>().all(tx.db()).await.map(Subscribers)
}

/// Stores an event and queues its deliveries.
pub async fn publish(state: &AppState, tx: &Tx<'_>, new: NewEvent<'_>) -> Result<(), DbErr> {
    let subscribers = subscribers_of(tx, new.project.id, new.event).await?;
    publish_to(state, tx, subscribers, new).await
}

/// [`publish`], except to one webhook.
pub async fn publish_except(
    state: &AppState,
    tx: &Tx<'_>,
    new: NewEvent<'_>,
    excluded: WebhookId,
) -> Result<(), DbErr> {
    let Subscribers(mut found) = subscribers_of(tx, new.project.id, new.event).await?;
    found.retain(|webhook| webhook.id != excluded);
    publish_to(state, tx, Subscribers(found), new).await
}

/// Stores an event and queues its deliveries to the subscribers with conditions that it meets.
async fn publish_to(
    state: &AppState,
    tx: &Tx<'_>,
    Subscribers(subscribers): Subscribers,
    new: NewEvent<'_>,
) -> Result<(), DbErr> {
    let (now, due) = (state.clock.now(), state.clock.schedule_now());
    let subject = subject::event_subject(&new.data);
    let ordering_key = subject::ordering_key(&new.data);
    let subject_search = subject.as_deref().map(fold);
    let event_id: EventId = state.ids.next();
    let project = new.project;
    let envelope = Envelope {
        id: event_id,
        event: new.event.as_str(),
        timestamp: now,
        project: ProjectPart { id: project.id, key: &project.key, name: &project.name },
        actor: new.actor.map(|actor| ActorPart { id: actor.id, name: &actor.name }),
        data: truncate_event_data(new.data),
    };
    let body = serde_json::to_string(&envelope).map_err(|error| DbErr::Json(error.to_string()))?;
    let subscribers = matching(subscribers, &body)?;
    event::Entity::insert(event::ActiveModel {
        id: Set(event_id),
        project_id: Set(new.project.id),
        event_type: Set(new.event.as_str().to_owned()),
        body: Set(body),
        occurred_at: Set(now),
        erased_at: Set(None),
        erased_by: Set(None),
    })
    .exec_without_returning(tx.db())
    .await?;
    if subscribers.is_empty() {
        return Ok(());
    }
    let rows = subscribers.into_iter().map(|webhook| {
        let (webhook_id, policy) = (webhook.id, DeliveryPolicy::from(&webhook.policy));
        let is_collected = digest_interval(webhook.kind, &policy).is_some();
        let delivery_id: DeliveryId = state.ids.next();
        let live = |kind| tx.after_commit(Effect::Live(ProjectChange { project_id: new.project.id, kind }));
        live(ChangeKind::DeliveryChanged { delivery_id, webhook_id });
        let blocked = Blocked::of((webhook.active, webhook.instance_paused), webhook.while_inactive, webhook.health);
        let (status, next_attempt_at) = match blocked {
            // Its card shows the number of held deliveries.
            Some(Blocked::Held) => {
                live(ChangeKind::WebhookChanged { webhook_id });
                (StoredStatus::Held, None)
            }
            // It can be replayed.
            Some(Blocked::Dropped) => (StoredStatus::Discarded, None),
            None => {
                if policy.has_shown_queue() || webhook.kind.has_digests() {
                    live(ChangeKind::WebhookChanged { webhook_id });
                }
                // What waits for a digest has no next attempt.
                if !is_collected {
                    tx.after_commit(Effect::Dispatch(webhook_id));
                }
                (StoredStatus::Pending, (!is_collected).then_some(due))
            }
        };
        let is_dropped = blocked == Some(Blocked::Dropped);
        delivery::ActiveModel {
            id: Set(delivery_id),
            project_id: Set(new.project.id),
            webhook_id: Set(webhook_id),
            direction: Set(Direction::Outbound),
            event_type: Set(new.event.as_str().to_owned()),
            event_id: Set(Some(event_id)),
            status: Set(status),
            attempts: Set(0),
            test: Set(false),
            subject: Set(subject.clone()),
            subject_search: Set(subject_search.clone()),
            ordering_key: Set(ordering_key.clone().filter(|_| policy.ordered && !is_collected)),
            created_at: Set(now),
            next_attempt_at: Set(next_attempt_at),
            error: Set(is_dropped.then(|| WEBHOOK_INACTIVE.to_owned())),
            finished_at: Set(is_dropped.then_some(now)),
            ..Default::default()
        }
    });
    delivery::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The subscribers with conditions that the envelope meets. It is parsed only if there are conditions.
fn matching(subscribers: Vec<Subscriber>, body: &str) -> Result<Vec<Subscriber>, DbErr> {
    if subscribers.iter().all(|webhook| webhook.conditions.rules.is_empty()) {
        return Ok(subscribers);
    }
    let envelope: Value = serde_json::from_str(body).map_err(|error| DbErr::Json(error.to_string()))?;
    let event = condition::ComparedEvent::new(&envelope);
    Ok(subscribers.into_iter().filter(|webhook| event.meets(&webhook.conditions)).collect())
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
