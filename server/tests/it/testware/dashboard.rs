use app::model::catalog::EventType;
use app::service::{ProjectOverview, Webhooks};
use serde_json::{Value, json};

use super::fixture::{TestwareFixture, item_path};

#[tokio::test]
async fn the_dashboard_shows_open_runs_failures_and_what_happened_last() {
    let fixture = TestwareFixture::new().await;
    let (run, cases) = fixture.run(&["Pay by card", "Refund"]).await;
    let path = item_path("runs", &run);
    for (case, status) in cases.iter().zip(["failed", "passed"]) {
        let result = json!({"caseId": case["id"], "status": status, "comment": "The bank says no"});
        fixture.post_ok(&format!("{path}/results"), result).await;
    }
    let dashboard = async || {
        let mut shown = fixture.server.state.dashboard(&fixture.ada, fixture.project).await.unwrap();
        // The webhook of the fixture leads nowhere.
        shown.activity.retain(|entry| !entry.headline.starts_with("Webhook"));
        shown
    };
    let shown = dashboard().await;
    assert_eq!(shown.runs.iter().map(|run| run.title.as_str()).collect::<Vec<_>>(), ["Release 1"]);
    let failures: Vec<_> = shown.failures.iter().map(|it| it.case_title.as_deref().unwrap()).collect();
    assert_eq!(failures, ["Pay by card"]);
    assert_eq!(shown.activity[0].headline, "Result created");
    assert_eq!((shown.setup.cases, shown.setup.webhooks), (true, Some(true)));

    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    let shown = dashboard().await;
    assert!(shown.runs.is_empty() && shown.failures.len() == 1);
    assert_eq!(
        (shown.activity[0].headline.as_str(), shown.activity[0].subject.as_str()),
        ("Test run completed", "WEB-R1 Release 1")
    );
    assert_eq!(shown.activity[0].path.as_deref(), Some(format!("/projects/{}{path}", fixture.project).as_str()));
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert!(dashboard().await.failures.is_empty());
}

#[tokio::test]
async fn tests_of_webhooks_are_no_activity() {
    let fixture = TestwareFixture::new().await;
    fixture.case("Pay").await;
    let (state, ada) = (&fixture.server.state, &fixture.ada);
    let webhooks = state.list_webhooks(ada, fixture.project, Default::default()).await.unwrap();
    let webhook = webhooks.items[0].id.to_string();
    for sample in [json!({}), json!({"event": EventType::CaseDeleted.as_str()})] {
        let reply = fixture.api.post(&format!("/webhooks/{webhook}/test"), &sample).await;
        assert!(reply.status < 300, "{}", reply.text);
    }
    let shown = state.dashboard(ada, fixture.project).await.unwrap();
    let headlines: Vec<_> = shown.activity.iter().map(|entry| entry.headline.as_str()).collect();
    let headlines: Vec<_> = headlines.into_iter().filter(|headline| !headline.starts_with("Webhook")).collect();
    assert_eq!(headlines, ["Test case created"]);
}
