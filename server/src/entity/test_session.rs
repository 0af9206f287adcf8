//! An exploratory session. A deleted one keeps its row.

use app::model::id::{ProjectId, SessionId, UserId};
use app::model::testware::State;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub project_id: ProjectId,
    /// Within the project, given once; the number in its key.
    pub number: i32,
    pub name: String,
    pub charter: String,
    pub time_box_minutes: Option<i32>,
    pub state: State,
    pub completed_at: Option<DateTimeUtc>,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
