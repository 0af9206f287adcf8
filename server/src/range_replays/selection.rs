//! Finds what a replay sends. Counting and replaying use the same statements, so the count is what is sent.

use app::model::catalog::{CUSTOM_PREFIX, EventType, Subject, Subscription, subscription};
use app::model::condition::Conditions;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, EventId, ProjectId, WebhookId};
use app::model::range_replay::{MAX_RANGE_REPLAY, ReplaySource};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::Value;
use uuid::Uuid;

use crate::entity::delivery::StoredStatus;
use crate::entity::{delivery, event, webhook, webhook_project};
use crate::events::condition;
use crate::service::deliveries::search::id_range;
use crate::service::webhooks::subscriptions;

/// Rows that one statement reads while counting.
const COUNT_ROWS: u64 = 1_000;
/// The maximum number of these statements. Conditions may match few of many events, whose payloads are all read.
const MAX_COUNT_PAGES: u32 = 20;
/// The same for a part of a replay, so that one with rare matches neither takes an hour nor the whole processor.
const MAX_PART_PAGES: u32 = 5;
/// Exhausted, or cancelled after a failed attempt. The text is that of the partial index.
const FAILED: &str = "status IN ('failed', 'discarded') AND (status = 'failed' OR attempts > 0)";
/// The deliveries of an event, other than the selected row.
const OTHER: &str = "other";

/// What is sent: an event, and the delivery that is replayed, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub event: EventId,
    pub failed: Option<DeliveryId>,
}

/// A part of what is sent, oldest first.
pub struct Candidates {
    pub found: Vec<Candidate>,
    /// Where the next part begins; `None` after the last.
    pub next: Option<Uuid>,
}

/// How much is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// At most one more than [`MAX_RANGE_REPLAY`].
    pub count: u32,
    /// Whether only the beginning of the range was counted.
    pub at_least: bool,
}

/// A range of what a webhook failed to deliver or missed.
pub struct Selection {
    webhook: WebhookId,
    projects: Vec<ProjectId>,
    /// The types that the webhook subscribes to, without those that `all_custom` includes.
    events: Vec<String>,
    /// Whether it subscribes to all custom events.
    all_custom: bool,
    conditions: Conditions,
    source: ReplaySource,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What a webhook failed to deliver of a project, oldest first, as a replay finds it.
#[must_use]
pub fn select_failed(webhook: WebhookId, project: ProjectId, until: DateTime<Utc>) -> Select<delivery::Entity> {
    let selection = Selection {
        webhook,
        projects: vec![project],
        events: Vec::new(),
        all_custom: false,
        conditions: Conditions::default(),
        source: ReplaySource::Failed,
        since: DateTime::UNIX_EPOCH,
        until,
    };
    selection.failed(None)
}

impl Selection {
    pub async fn load(
        db: &impl ConnectionTrait,
        webhook: &webhook::Model,
        source: ReplaySource,
        (since, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Self, DbErr> {
        let subscriptions = subscriptions::load(db, &[webhook.id]).await?.remove(&webhook.id).unwrap_or_default();
        let is_subscribed = |event: &EventType| subscriptions.iter().any(|entry| entry.matches(*event));
        let emitted = EventType::ALL.iter().copied().filter(is_subscribed);
        let custom = subscriptions.iter().filter_map(|entry| match entry {
            Subscription::Event(event) if event.is_custom() => Some(*event),
            _ => None,
        });
        let events = emitted.chain(custom).map(|event| event.to_string()).collect();
        let all_custom = subscription::includes(&subscriptions, Subscription::Subject(Subject::Custom));
        let (projects, conditions) = (webhook_project::projects_of(db, webhook).await?, webhook.conditions.clone());
        Ok(Self { webhook: webhook.id, projects, events, all_custom, conditions, source, since, until })
    }

    /// How much is sent. The work is bounded: a long range with few matches is not counted to its end.
    pub async fn count(&self, db: &impl ConnectionTrait) -> Result<Counted, DbErr> {
        let (mut count, mut after) = (0_u32, None);
        for _ in 0..MAX_COUNT_PAGES {
            let Candidates { found, next } = self.page(db, after, COUNT_ROWS).await?;
            count = count.saturating_add(u32::try_from(found.len()).unwrap_or(u32::MAX));
            if count > MAX_RANGE_REPLAY {
                return Ok(Counted { count: MAX_RANGE_REPLAY + 1, at_least: false });
            }
            if next.is_none() {
                return Ok(Counted { count, at_least: false });
            }
            after = next;
        }
        Ok(Counted { count, at_least: true })
    }

    /// The part after a position with at most `room` candidates. It may have fewer, although others follow.
    pub async fn part(&self, db: &impl ConnectionTrait, after: Option<Uuid>, room: u64) -> Result<Candidates, DbErr> {
        let has_rare_matches = self.source == ReplaySource::Missed && !self.conditions.rules.is_empty();
        if !has_rare_matches {
            return self.page(db, after, room).await;
        }
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let (mut found, mut position) = (Vec::new(), after);
        for _ in 0..MAX_PART_PAGES {
            let page = self.page(db, position, COUNT_ROWS).await?;
            for candidate in page.found {
                found.push(candidate);
                if found.len() == room {
                    return Ok(Candidates { found, next: Some(candidate.event.0) });
                }
            }
            if page.next.is_none() {
                return Ok(Candidates { found, next: None });
            }
            position = page.next;
        }
        Ok(Candidates { found, next: position })
    }

    /// The part after a position, of at most `limit` rows.
    pub async fn page(&self, db: &impl ConnectionTrait, after: Option<Uuid>, limit: u64) -> Result<Candidates, DbErr> {
        match self.source {
            ReplaySource::Failed => {
                let rows: Vec<(DeliveryId, EventId)> = self.failed(after).limit(limit).into_tuple().all(db).await?;
                let next = next(rows.last().map(|(id, _)| id.0), rows.len(), limit);
                let found = rows.into_iter().map(|(id, event)| Candidate { event, failed: Some(id) }).collect();
                Ok(Candidates { found, next })
            }
            ReplaySource::Missed => {
                let rows: Vec<(EventId, String)> = self.missed(after).limit(limit).into_tuple().all(db).await?;
                let next = next(rows.last().map(|(id, _)| id.0), rows.len(), limit);
                let unwanted = self.unwanted(db, &rows).await?;
                let found = rows.into_iter().filter(|(id, _)| !unwanted.contains(id));
                Ok(Candidates { found: found.map(|(event, _)| Candidate { event, failed: None }).collect(), next })
            }
        }
    }

    /// Deliveries that failed for good, each the latest of its event in the range, whose event neither waits nor was
    /// delivered.
    pub fn failed(&self, after: Option<Uuid>) -> Select<delivery::Entity> {
        use delivery::Column;
        let (first, end) = id_range(self.since, self.until);
        let other = |column: Column| Expr::col((Alias::new(OTHER), column));
        let sent = other(Column::Status).is_in([StoredStatus::Pending, StoredStatus::Held, StoredStatus::Delivered]);
        let failed_later = is_failed(other)
            .and(other(Column::Id).gt(Expr::col((delivery::Entity, Column::Id))))
            .and(other(Column::Id).lt(end));
        let sent_again =
            self.deliveries_of(Expr::col((delivery::Entity, Column::EventId))).and_where(sent.or(failed_later)).take();
        let stored = Query::select()
            .expr(Expr::val(1))
            .from(event::Entity)
            .and_where(Expr::col((event::Entity, event::Column::Id)).equals((delivery::Entity, Column::EventId)))
            .and_where(Expr::col((event::Entity, event::Column::ErasedAt)).is_null())
            .take();
        // An index that begins with the project would read all deliveries of the webhook in the range, not only the
        // failed ones. It doesn't apply to an expression.
        let project = Expr::col((delivery::Entity, Column::ProjectId));
        let project = Expr::from(Func::coalesce([project.clone(), project]));
        delivery::Entity::find()
            .select_only()
            .columns([Column::Id, Column::EventId])
            .filter(project.is_in(self.projects.iter().copied()))
            .filter(Column::WebhookId.eq(self.webhook))
            .filter(Expr::cust(FAILED))
            .filter(Column::Test.eq(false))
            // What a failed digest covers has failed with it.
            .filter(Column::EventType.ne(DIGEST_EVENT))
            .filter(Column::Id.gte(first))
            .filter(Column::Id.lt(end))
            .filter(Column::CreatedAt.gte(self.since))
            .filter(Column::CreatedAt.lt(self.until))
            .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
            .filter(Expr::exists(stored))
            .filter(Expr::exists(sent_again).not())
            .order_by_asc(Column::Id)
    }

    /// Events that the webhook subscribes to, of which it has no deliveries but those cancelled before an attempt.
    pub fn missed(&self, after: Option<Uuid>) -> Select<event::Entity> {
        use event::Column;
        let (first, end) = id_range(self.since, self.until);
        let other = |column: delivery::Column| Expr::col((Alias::new(OTHER), column));
        let is_sent =
            other(delivery::Column::Status).ne(StoredStatus::Discarded).or(other(delivery::Column::Attempts).gt(0));
        let sent = self.deliveries_of(Expr::col((event::Entity, Column::Id))).and_where(is_sent).take();
        let custom = self.all_custom.then(|| Column::EventType.starts_with(CUSTOM_PREFIX));
        let wanted = Condition::any().add(Column::EventType.is_in(self.events.iter().cloned())).add_option(custom);
        event::Entity::find()
            .select_only()
            .columns([Column::Id, Column::EventType])
            .filter(Column::ProjectId.is_in(self.projects.iter().copied()))
            .filter(wanted)
            .filter(Column::Id.gte(first))
            .filter(Column::Id.lt(end))
            .filter(Column::OccurredAt.gte(self.since))
            .filter(Column::OccurredAt.lt(self.until))
            .filter(Column::ErasedAt.is_null())
            .filter(Condition::all().add_option(after.map(|after| Column::Id.gt(after))))
            .filter(Expr::exists(sent).not())
            .order_by_asc(Column::Id)
    }

    /// The webhook's deliveries of an event.
    fn deliveries_of(&self, event: Expr) -> SelectStatement {
        let other = |column: delivery::Column| Expr::col((Alias::new(OTHER), column));
        Query::select()
            .expr(Expr::val(1))
            .from_as(delivery::Entity, Alias::new(OTHER))
            .and_where(other(delivery::Column::EventId).eq(event))
            .and_where(other(delivery::Column::WebhookId).eq(self.webhook))
            .take()
    }

    /// Events that don't meet the webhook's conditions, and those about the webhook itself, which are sent to the
    /// others only.
    async fn unwanted(&self, db: &impl ConnectionTrait, rows: &[(EventId, String)]) -> Result<Vec<EventId>, DbErr> {
        let has_conditions = !self.conditions.rules.is_empty();
        let is_about_webhook =
            |name: &str| name.parse::<EventType>().is_ok_and(|event| event.subject() == Subject::Webhook);
        let ids = rows.iter().filter(|(_, name)| has_conditions || is_about_webhook(name)).map(|(id, _)| *id);
        let ids: Vec<EventId> = ids.collect();
        if ids.is_empty() {
            return Ok(ids);
        }
        let own = self.webhook.to_string();
        let is_unwanted = |event: &event::Model| {
            let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
            let is_own = is_about_webhook(&event.event_type) && body["data"]["id"] == own.as_str();
            is_own || !condition::matches(&self.conditions, &body)
        };
        let events = event::Entity::find().filter(event::Column::Id.is_in(ids)).all(db).await?;
        Ok(events.into_iter().filter(is_unwanted).map(|event| event.id).collect())
    }
}

/// The same as [`FAILED`] for another row.
fn is_failed(column: impl Fn(delivery::Column) -> Expr) -> Expr {
    let status = || column(delivery::Column::Status);
    let is_attempted = status().eq(StoredStatus::Failed).or(column(delivery::Column::Attempts).gt(0));
    status().is_in([StoredStatus::Failed, StoredStatus::Discarded]).and(is_attempted)
}

/// A full page may have a next one.
fn next(last: Option<Uuid>, rows: usize, limit: u64) -> Option<Uuid> {
    last.filter(|_| u64::try_from(rows).unwrap_or(u64::MAX) >= limit)
}
