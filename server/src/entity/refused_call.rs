//! The latest refused request of an inbound webhook, and how many there were: one row per webhook,
//! without the content of the request.

use app::model::id::WebhookId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refused_calls")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
    pub refused_at: DateTimeUtc,
    /// What to change, in words.
    pub reason: String,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
