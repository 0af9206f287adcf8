//! The demo's shared step.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::case::{CaseQuery, Step, TestCase, UpdateCase};
use app::testware::shared_step::{CreateSharedStep, SharedStep};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for SharedStep {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let step =
            |action: &str, expected: &str| Step { action: action.into(), expected: expected.into(), ..Step::default() };
        let sign_in = CreateSharedStep {
            name: "Sign in as a customer".into(),
            steps: vec![
                step("Open the shop and choose Sign in.", "The form asks for email and password."),
                step("Sign in as the test customer.", "The name is shown at the top."),
            ],
        };
        let shared = Testware::<Self>::create(state, actor, project, sign_in).await?.id;
        let query = CaseQuery { label: Some("checkout".into()), ..CaseQuery::default() };
        for case in Testware::<TestCase>::list(state, actor, project, query).await?.items {
            let first = Step { shared_step_id: Some(shared), ..Step::default() };
            let steps = std::iter::once(first).chain(case.steps).collect();
            let change = UpdateCase { steps: Some(steps), ..UpdateCase::default() };
            Testware::<TestCase>::update(state, actor, case.id, change).await?;
        }
        Ok(())
    }
}
