//! The demo's CI jobs: one is completed with an automation run, one waits.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::{CiJobs, Testware};
use app::testware::automation::{AutomationRun, AutomationRunQuery};
use app::testware::ci_job::{CiJob, CiJobOutcome, CompleteCiJob, CreateCiJob};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for CiJob {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let job = |name: &str, browser: &str| CreateCiJob {
            name: name.into(),
            branch: "main".into(),
            parameters: [("BROWSER".to_owned(), browser.to_owned())].into(),
            ..CreateCiJob::default()
        };
        let done = Testware::<Self>::create(state, actor, project, job("Nightly checkout tests", "firefox")).await?;
        let runs = Testware::<AutomationRun>::list(state, actor, project, AutomationRunQuery::default()).await?.items;
        let complete = CompleteCiJob {
            outcome: CiJobOutcome::Failed,
            url: None,
            automation_run_id: runs.first().map(|run| run.id),
        };
        state.complete_ci_job(actor, done.id, complete).await?;
        Testware::<Self>::create(state, actor, project, job("Checkout tests on WebKit", "webkit")).await.map(drop)
    }
}
