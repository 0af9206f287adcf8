//! A deletion of history that was requested. It runs in the background.

use app::model::id::{DeliveryId, HistoryPurgeId, ProjectId, UserId, WebhookId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "history_purges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HistoryPurgeId,
    /// Null for all projects.
    pub project_id: Option<ProjectId>,
    /// Null for all webhooks.
    pub webhook_id: Option<WebhookId>,
    /// Newer deliveries are kept. Null for a deleted webhook, of which nothing is kept.
    pub up_to: Option<DeliveryId>,
    pub actor_id: Option<UserId>,
    /// The user's name at that time.
    pub actor_name: String,
    /// The name of the project or the webhook at that time.
    pub subject_name: String,
    /// Deliveries deleted so far.
    pub deleted: i64,
    pub requested_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
