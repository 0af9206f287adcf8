//! The demo's test run: results of its cases, one of them linked to an issue.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::{Executions, Testware};
use app::testware::case::{CaseQuery, TestCase};
use app::testware::execution::{ResultStatus, State};
use app::testware::run::{CreateRun, TestRun, UpdateRun};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::{DemoItems, result};

#[async_trait]
impl DemoItems for TestRun {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()> {
        let newest_first = Testware::<TestCase>::list(state, actor, project, CaseQuery::default()).await?.items;
        let cases: Vec<_> = newest_first.into_iter().rev().map(|case| case.id).collect();
        let run = CreateRun {
            name: "Release 4.2".into(),
            description: "All payment methods, on the release candidate.".into(),
            case_ids: cases.clone(),
            ..CreateRun::default()
        };
        let run = Testware::<Self>::create(state, actor, project, run).await?.id;
        let outcomes = [
            (ResultStatus::Passed, "", None),
            (ResultStatus::Failed, "An expired code still gives 10% off.", Some(issue)),
            (ResultStatus::Blocked, "The test shop accepts no refunds today.", None),
        ];
        for (case, (status, comment, issue)) in cases.into_iter().zip(outcomes) {
            let result = result(Some(case), status, comment, issue);
            Executions::<Self>::add_result(state, actor, run, result).await?;
        }
        let begun = UpdateRun { state: Some(State::InProgress), ..UpdateRun::default() };
        Testware::<Self>::update(state, actor, run, begun).await.map(drop)
    }
}
