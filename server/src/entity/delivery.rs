//! A delivery of an event to an endpoint, or a received inbound event.

use app::model::delivery::InboundOutcome;
use app::model::id::{DeliveryId, EventId, IssueId, ProjectId, RangeReplayId, WebhookId};
use app::model::webhook::Direction;
use sea_orm::entity::prelude::*;

pub use super::delivery_status::StoredStatus;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    pub project_id: ProjectId,
    pub webhook_id: WebhookId,
    pub direction: Direction,
    pub event_type: String,
    /// Outbound only.
    pub event_id: Option<EventId>,
    pub status: StoredStatus,
    /// Inbound only.
    pub outcome: Option<InboundOutcome>,
    pub status_code: Option<i32>,
    pub error: Option<String>,
    pub attempts: i32,
    /// Of these, how many were asked to wait. They don't count for the schedule.
    pub paused_attempts: i32,
    /// The streak of the webhook in which it was last counted as a failure.
    pub counted_streak: Option<i64>,
    pub duration_ms: Option<i32>,
    pub test: bool,
    /// It may have been purged.
    pub replay_of: Option<DeliveryId>,
    /// The first delivery of its chain of replays, itself included.
    pub replay_root: Option<DeliveryId>,
    /// The replay by time range that made it.
    pub range_replay_id: Option<RangeReplayId>,
    /// SHA-256 of the body; inbound only.
    #[sea_orm(column_name = "digest")]
    pub body_sha256: Option<Vec<u8>>,
    /// The tracker's ID of the delivery; inbound only.
    pub tracker_delivery_id: Option<String>,
    pub issue_id: Option<IssueId>,
    /// What it is about, as it was named then; null for older rows.
    pub subject: Option<String>,
    /// The subject as a search compares it; null for older rows, whose subject is compared in lower case.
    pub subject_search: Option<String>,
    /// The subject whose deliveries are sent in order; null if the webhook sends in any order.
    pub ordering_key: Option<String>,
    /// The digest that covers it. A pending delivery with neither a digest nor a next attempt waits for one. A digest
    /// that still has something to pass on refers to itself.
    pub digest_delivery_id: Option<DeliveryId>,
    pub created_at: DateTimeUtc,
    /// When the next attempt is due; null if none is. During an attempt it is the end of the lease,
    /// so that one index finds both due deliveries and what a crash left behind.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// The lease of the attempt in flight. Only its holder may finish the delivery.
    pub lease_until: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
