//! Counts of the attempts of an outbound webhook in one hour, by their result.

use app::model::id::WebhookId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_stats")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook_id: WebhookId,
    /// Hours since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hour: i32,
    /// A range of durations of successful attempts, or a kind of failure.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i32,
    pub count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
