//! The demo's suites.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::Testware;
use app::testware::case::{CaseQuery, TestCase, UpdateCase};
use app::testware::suite::{CreateSuite, Suite};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

#[async_trait]
impl DemoItems for Suite {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let suite = |name: &str, parent_id| CreateSuite { name: name.into(), parent_id, ..CreateSuite::default() };
        let checkout = Testware::<Self>::create(state, actor, project, suite("Checkout", None)).await?.id;
        let vouchers = Testware::<Self>::create(state, actor, project, suite("Vouchers", Some(checkout))).await?.id;
        let cases = Testware::<TestCase>::list(state, actor, project, CaseQuery::default()).await?.items;
        for case in cases {
            let suite = if case.labels.iter().any(|label| label == "voucher") { vouchers } else { checkout };
            let moved = UpdateCase { suite_id: Some(suite.to_string()), ..UpdateCase::default() };
            Testware::<TestCase>::update(state, actor, case.id, moved).await?;
        }
        Ok(())
    }
}
