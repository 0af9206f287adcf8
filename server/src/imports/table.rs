//! An import of test cases.

use app::imports::{ImportFormat, ImportId, ImportStatus};
use app::model::id::{ProjectId, UserId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    pub project_id: ProjectId,
    pub format: ImportFormat,
    /// Empty if it is unknown.
    pub file_name: String,
    pub status: ImportStatus,
    /// The number of cases.
    pub total: i32,
    /// The number of suites that were created.
    pub suites: i32,
    /// Why it failed, in a sentence.
    pub error: Option<String>,
    pub actor_id: UserId,
    /// The user's name at that time.
    pub actor_name: String,
    pub requested_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
