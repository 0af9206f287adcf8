//! The demo's milestone.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::milestone::{CreateMilestone, Milestone};
use async_trait::async_trait;
use chrono::Days;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for Milestone {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let in_two_weeks = state.clock.now().date_naive() + Days::new(14);
        let milestone = CreateMilestone {
            name: "Release 4.2".into(),
            description: "All payment methods.".into(),
            due_on: in_two_weeks.to_string(),
        };
        Testware::<Self>::create(state, actor, project, milestone).await.map(drop)
    }
}
