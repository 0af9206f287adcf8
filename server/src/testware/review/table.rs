//! A review. A deleted one keeps its row.

use app::model::id::{ProjectId, UserId};
use app::testware::case::CaseId;
use app::testware::review::{ReviewId, ReviewStatus};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::entity::json::Content;
use crate::entity::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reviews")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReviewId,
    pub project_id: ProjectId,
    /// The number in its key, unique in the project and never reused.
    pub number: i32,
    pub title: String,
    /// See [`SearchText`]: of the title.
    pub search: SearchText,
    pub description: String,
    /// `None` only before it is stored.
    pub case_id: Option<CaseId>,
    pub status: ReviewStatus,
    /// The content of the case when the proposal was made.
    pub base: Content,
    pub proposal: Content,
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
