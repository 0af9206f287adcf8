//! The demo's session: two results, one of them linked to an issue.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::{Executions, Testware};
use app::testware::execution::{ResultStatus, State};
use app::testware::session::{CreateSession, TestSession, UpdateSession};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::{DemoItems, result};

#[async_trait]
impl DemoItems for TestSession {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, issue: IssueId) -> Result<()> {
        let session = CreateSession {
            name: "Vouchers with unusual names".into(),
            charter: "Explore vouchers with unusual characters, to see how the cart handles them.".into(),
            time_box_minutes: Some(90),
            ..CreateSession::default()
        };
        let session = Testware::<Self>::create(state, actor, project, session).await?.id;
        let found = [
            result(None, ResultStatus::Passed, "Umlauts and emoji are refused with a message.", None),
            result(None, ResultStatus::Failed, "A lower-case code is accepted twice.", Some(issue)),
        ];
        for found in found {
            Executions::<Self>::add_result(state, actor, session, found).await?;
        }
        let looked_at = UpdateSession { state: Some(State::InReview), ..UpdateSession::default() };
        Testware::<Self>::update(state, actor, session, looked_at).await.map(drop)
    }
}
