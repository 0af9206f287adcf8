//! A replay by time range. It runs in the background.

use app::model::id::{ProjectId, RangeReplayId, UserId, WebhookId};
use app::model::range_replay::ReplaySource;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "range_replays")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RangeReplayId,
    /// The owner of the webhook.
    pub project_id: ProjectId,
    pub webhook_id: WebhookId,
    pub source: ReplaySource,
    pub since: DateTimeUtc,
    pub until: DateTimeUtc,
    /// The last delivery or event that was processed, depending on the source. Null before the first.
    pub processed_up_to: Option<Uuid>,
    /// What was counted when it started.
    pub total: i32,
    /// Whether only the beginning of the range was counted.
    pub total_at_least: bool,
    pub queued: i32,
    pub skipped: i32,
    pub actor_id: Option<UserId>,
    /// The user's name at that time.
    pub actor_name: String,
    pub requested_at: DateTimeUtc,
    /// When a user stopped it, or its webhook was found deleted. What it queued is cancelled after that.
    pub stopped_at: Option<DateTimeUtc>,
    /// The user's name at that time; null if the webhook was deleted.
    pub stopped_by: Option<String>,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
