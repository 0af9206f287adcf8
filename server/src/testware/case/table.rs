//! A test case. A deleted one keeps its row for the runs that include it.

use app::model::id::{ProjectId, UserId};
use app::testware::case::{CaseId, CaseState, Priority};
use app::testware::suite::SuiteId;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::entity::json::{Steps, Strings};
use crate::entity::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CaseId,
    pub project_id: ProjectId,
    /// The number in its key, unique in the project and never reused.
    pub number: i32,
    pub title: String,
    /// See [`SearchText`]: of the title.
    pub search: SearchText,
    pub preconditions: String,
    pub steps: Steps,
    pub suite_id: Option<SuiteId>,
    pub priority: Priority,
    pub labels: Strings,
    pub state: CaseState,
    /// Each is also a row of [`automation_link`](super::automation_link), which finds a case by its link.
    pub automation_links: Strings,
    pub author_id: UserId,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl Model {
    /// The complete row for an insert or update, with its search text.
    #[must_use]
    pub fn written(&self) -> ActiveModel {
        let search = SearchText::from_texts(&[&self.title]);
        Self { search, ..self.clone() }.into_active_model().reset_all()
    }
}

impl ActiveModelBehavior for ActiveModel {}
