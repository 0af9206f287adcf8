//! A case within a run.

use app::model::id::UserId;
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use app::testware::run::RunId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "run_cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: RunId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: CaseId,
    /// 0 for the first.
    pub position: i32,
    /// Of its latest result in the run.
    pub status: ResultStatus,
    /// A member of the project when it was assigned.
    pub assignee_id: Option<UserId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::testware::run::table::Entity",
        from = "Column::RunId",
        to = "crate::testware::run::table::Column::Id"
    )]
    Run,
}

impl ActiveModelBehavior for ActiveModel {}
