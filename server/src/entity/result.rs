//! A result of a run's case or of a session.

use app::model::id::{ProjectId, ResultId, UserId};
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use app::testware::run::RunId;
use app::testware::session::SessionId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResultId,
    pub project_id: ProjectId,
    /// With `case_id`; null for a session's.
    pub run_id: Option<RunId>,
    pub case_id: Option<CaseId>,
    /// Null for a run's.
    pub session_id: Option<SessionId>,
    pub status: ResultStatus,
    pub comment: String,
    pub elapsed_seconds: Option<i32>,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    /// `None` if it was not changed since.
    pub updated_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "crate::testware::run::table::Entity",
        from = "Column::RunId",
        to = "crate::testware::run::table::Column::Id"
    )]
    Run,
    #[sea_orm(
        belongs_to = "crate::testware::session::table::Entity",
        from = "Column::SessionId",
        to = "crate::testware::session::table::Column::Id"
    )]
    Session,
}

impl ActiveModelBehavior for ActiveModel {}
