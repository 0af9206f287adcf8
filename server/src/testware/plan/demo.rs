//! The demo's test plan.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::execution::ExecutionQuery;
use app::testware::plan::{CreatePlan, TestPlan};
use app::testware::run::{TestRun, UpdateRun};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for TestPlan {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let plan =
            CreatePlan { name: "Release 4.2 on all browsers".into(), description: "One run for each browser.".into() };
        let plan = Testware::<Self>::create(state, actor, project, plan).await?.id;
        let runs = Testware::<TestRun>::list(state, actor, project, ExecutionQuery::default()).await?.items;
        for run in runs {
            let moved = UpdateRun { plan_id: Some(plan.to_string()), ..UpdateRun::default() };
            Testware::<TestRun>::update(state, actor, run.id, moved).await?;
        }
        Ok(())
    }
}
