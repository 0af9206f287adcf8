//! A registered custom event.

use app::custom_events::CustomEventId;
use app::model::id::ProjectId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CustomEventId,
    pub project_id: ProjectId,
    /// Unique in the project.
    pub event_type: String,
    pub description: String,
    /// JSON text; `None` if any object is accepted.
    pub schema: Option<String>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
