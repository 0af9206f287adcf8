//! A test run. A deleted one keeps its row.

use app::model::id::{ProjectId, UserId};
use app::testware::execution::State;
use app::testware::milestone::MilestoneId;
use app::testware::plan::PlanId;
use app::testware::run::RunId;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::entity::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunId,
    pub project_id: ProjectId,
    /// The number in its key, unique in the project and never reused.
    pub number: i32,
    pub name: String,
    /// See [`SearchText`]: of the name.
    pub search: SearchText,
    pub description: String,
    pub milestone_id: Option<MilestoneId>,
    pub plan_id: Option<PlanId>,
    pub state: State,
    pub completed_at: Option<DateTimeUtc>,
    /// It ended before it was completed.
    pub aborted: bool,
    /// The token of its public link, encrypted.
    pub public_token: Option<Vec<u8>>,
    /// SHA-256 of the same token.
    pub public_token_hash: Option<Vec<u8>>,
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
        let search = SearchText::from_texts(&[&self.name]);
        Self { search, ..self.clone() }.into_active_model().reset_all()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// The associated data with which the token of a public link is encrypted.
#[must_use]
pub fn public_token_aad(id: RunId) -> String {
    format!("test_runs.public_token:{id}")
}
