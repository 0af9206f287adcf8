//! The latest notification of a kind about a webhook, and how many were left out since.

use app::model::id::WebhookId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_notices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
    /// The type of the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_type: String,
    pub notified_at: DateTimeUtc,
    pub left_out: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
