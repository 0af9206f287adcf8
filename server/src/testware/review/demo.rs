//! The demo's review.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::case::{CaseContent, CaseQuery, Step, TestCase};
use app::testware::review::{CreateReview, Review};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for Review {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let cases = Testware::<TestCase>::list(state, actor, project, CaseQuery::default()).await?.items;
        let Some(case) = cases.into_iter().last() else { return Ok(()) };
        let case_id = case.id;
        let mut proposal = CaseContent::from(case);
        proposal.title.push_str(" with a saved card");
        proposal.steps.push(Step {
            action: "Pay again.".into(),
            expected: "The saved card is offered, and only its code is asked for.".into(),
            ..Step::default()
        });
        let review = CreateReview {
            title: "Most customers have a saved card".into(),
            description: "The case should test **both** payments.".into(),
            case_id,
            proposal,
            reviewer_ids: Vec::new(),
        };
        Testware::<Self>::create(state, actor, project, review).await.map(drop)
    }
}
