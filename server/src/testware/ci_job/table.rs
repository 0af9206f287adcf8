//! A CI job. It is never deleted.

use app::model::id::{ProjectId, UserId};
use app::testware::automation::AutomationRunId;
use app::testware::ci_job::{CiJobId, CiJobStatus};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::entity::json::Parameters;
use crate::entity::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ci_jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CiJobId,
    pub project_id: ProjectId,
    /// The number in its key, unique in the project and never reused.
    pub number: i32,
    pub name: String,
    /// See [`SearchText`]: of the name and the branch.
    pub search: SearchText,
    pub branch: String,
    pub commit: String,
    pub url: Option<String>,
    pub parameters: Parameters,
    pub status: CiJobStatus,
    pub automation_run_id: Option<AutomationRunId>,
    pub started_at: Option<DateTimeUtc>,
    pub completed_at: Option<DateTimeUtc>,
    pub author_id: UserId,
    /// When it was queued.
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// Always empty; all tables of testware have this column.
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// The complete row for an insert or update, with its search text.
    #[must_use]
    pub fn written(&self) -> ActiveModel {
        let search = SearchText::from_texts(&[&self.name, &self.branch]);
        Self { search, ..self.clone() }.into_active_model().reset_all()
    }
}

impl ActiveModelBehavior for ActiveModel {}
