//! An exploratory session. A deleted one keeps its row.

use app::model::id::{ProjectId, UserId};
use app::testware::execution::State;
use app::testware::milestone::MilestoneId;
use app::testware::session::SessionId;
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::entity::search_text::SearchText;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "test_sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub project_id: ProjectId,
    /// The number in its key, unique in the project and never reused.
    pub number: i32,
    pub name: String,
    /// See [`SearchText`]: of the name.
    pub search: SearchText,
    pub charter: String,
    pub time_box_minutes: Option<i32>,
    pub milestone_id: Option<MilestoneId>,
    pub state: State,
    pub completed_at: Option<DateTimeUtc>,
    /// The time on the timer when it was last stopped.
    pub timer_ms: i64,
    /// `None` while the timer is stopped.
    pub timer_started_at: Option<DateTimeUtc>,
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
