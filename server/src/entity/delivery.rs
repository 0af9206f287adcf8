//! An event for one endpoint, or a received inbound event.

use app::model::delivery::{DeliveryStatus, InboundOutcome};
use app::model::id::{DeliveryId, EventId, IssueId, ProjectId, WebhookId};
use app::model::webhook::Direction;
use sea_orm::entity::prelude::*;

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
    pub status: DeliveryStatus,
    /// Inbound only.
    pub outcome: Option<InboundOutcome>,
    pub status_code: Option<i32>,
    pub error: Option<String>,
    pub attempts: i32,
    /// Of these, how many were answered by a request to wait: they are not on the schedule.
    pub paused_attempts: i32,
    /// The streak of failures of the webhook that it was counted in last.
    pub counted_streak: Option<i64>,
    pub duration_ms: Option<i32>,
    pub test: bool,
    /// It may have been purged since.
    pub replay_of: Option<DeliveryId>,
    /// The first of the chain of replays that this one belongs to, itself included.
    pub replay_root: Option<DeliveryId>,
    /// SHA-256 of the body; inbound only.
    pub digest: Option<Vec<u8>>,
    /// The tracker's own id of it; inbound only.
    pub tracker_delivery_id: Option<String>,
    pub issue_id: Option<IssueId>,
    /// What it is about, as it was named then; null for older rows.
    pub subject: Option<String>,
    pub created_at: DateTimeUtc,
    /// When the next attempt is due; null when none is. While one is in flight this is the end
    /// of its lease, so that one index finds both what is due and what a crash left behind.
    pub next_attempt_at: Option<DateTimeUtc>,
    /// The lease of the attempt in flight: only its holder may finish it.
    pub lease_until: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
