//! The demo's automation run: one test of each kind of result, one of them of a case.

use app::error::Result;
use app::model::id::{IssueId, ProjectId};
use app::model::people::Actor;
use app::service::{AutomationRuns, Testware};
use app::testware::automation::{AutomationRun, ReportOptions};
use app::testware::case::{CaseQuery, TestCase, UpdateCase};
use async_trait::async_trait;

use crate::app_state::AppState;
use crate::testware::demo::DemoItems;

const REPORT: &[u8] = br#"<testsuite name="checkout" tests="3">
  <testcase classname="checkout.CardTest" name="pays on a phone" time="4.2"/>
  <testcase classname="checkout.VoucherTest" name="refuses an expired voucher" time="1.1">
    <failure message="expected a message, got a discount of 10%">VoucherTest.java:42</failure>
  </testcase>
  <testcase classname="checkout.RefundTest" name="refunds a whole order"><skipped/></testcase>
</testsuite>"#;

#[async_trait]
impl DemoItems for AutomationRun {
    async fn seed(state: &AppState, actor: &Actor, project: ProjectId, _: IssueId) -> Result<()> {
        let cases = Testware::<TestCase>::list(state, actor, project, CaseQuery::default()).await?.items;
        if let Some(case) = cases.last() {
            let links = Some(vec!["checkout.CardTest.pays on a phone".to_owned()]);
            let change = UpdateCase { automation_links: links, ..UpdateCase::default() };
            Testware::<TestCase>::update(state, actor, case.id, change).await?;
        }
        let options = ReportOptions { name: Some("main #482".to_owned()), ..ReportOptions::default() };
        state.report_automation(actor, project, options, REPORT.into()).await.map(drop)
    }
}
