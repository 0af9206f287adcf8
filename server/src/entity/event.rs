//! An event. Its ID is the `webhook-id` of all its deliveries.

use app::model::id::{EventId, ProjectId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    pub project_id: ProjectId,
    pub event_type: String,
    /// The exact bytes of the envelope, which are signed, sent and shown.
    pub body: String,
    pub occurred_at: DateTimeUtc,
    /// When the body was erased. It is empty then.
    pub erased_at: Option<DateTimeUtc>,
    /// The name of who erased it.
    pub erased_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
