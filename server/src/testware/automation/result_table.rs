//! The result of an automated test.

use app::testware::automation::{AutomationResultId, AutomationRunId};
use app::testware::case::CaseId;
use app::testware::execution::ResultStatus;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "automation_results")]
pub struct Model {
    /// In the order of the reports.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AutomationResultId,
    pub run_id: AutomationRunId,
    /// The case that was linked to the test when it was reported.
    pub case_id: Option<CaseId>,
    pub link: String,
    pub name: String,
    pub status: ResultStatus,
    pub duration_ms: Option<i64>,
    pub message: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
