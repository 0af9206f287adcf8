//! Syncs of work items from Azure DevOps.

use std::time::Duration;

use app::model::integration::Credentials;
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::{Value, json};

use super::slow_and_truncated_responses;
use crate::support::TestServer;
use crate::support::eventually;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::fixture;
use crate::support::tracker::Tracker;

const PATH: &str = "/acme/Shop/_apis/wit/workitems/5";

fn token() -> Option<Credentials> {
    Some(Credentials { email: None, token: "pat".to_owned() })
}

async fn start(answers: Vec<FakeResponse>) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let azure = server.tracker(Provider::AzureDevops, &fake.base, token()).await;
    (server, fake, azure)
}

fn work_item(title: &str) -> Value {
    json!({"id": 5, "rev": 3, "fields": {
        "System.Title": title,
        "System.WorkItemType": "Bug",
        "System.State": "Active",
        "System.AssignedTo": {"displayName": "Ada Lovelace", "uniqueName": "ada@example.com"},
        "System.ChangedDate": "2026-01-05T10:00:59.05Z",
        "System.Tags": "checkout; total",
        "Microsoft.VSTS.Common.Priority": 2,
        "Microsoft.VSTS.TCM.ReproSteps": "<ol><li>Open <b>it</b></li></ol>",
    }})
}

/// An event that only identifies a work item.
fn minimal(n: u32) -> Value {
    json!({"eventType": "workitem.updated", "notificationId": n, "resource": {"id": n, "workItemId": 5}})
}

/// An event with the state of the work item.
fn event() -> Value {
    let fields = json!({"System.Title": "Event", "System.ChangedDate": "2026-01-05T10:00:01Z"});
    json!({"eventType": "workitem.created", "resource": {"id": 5, "fields": fields}})
}

async fn send_event(server: &TestServer, azure: &Tracker) {
    server.send_event(azure, event()).await;
    server.state.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn minimal_events_import_a_work_item_with_one_request() {
    let (server, fake, azure) = start(vec![FakeResponse::json(&work_item("Read"))]).await;
    for n in 0..20 {
        assert_eq!(server.send_event(&azure, minimal(n)).await, "unchanged");
    }
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&azure, "the work item appears", |issue| issue.title == "Read").await;
    assert_eq!((read.key.as_deref(), read.status.as_str()), (Some("#5"), "Active"));
    assert_eq!((read.assignee.as_deref(), read.priority.as_deref()), (Some("Ada Lovelace"), Some("2")));
    assert_eq!((read.description.as_str(), read.labels.0.len()), ("1. Open **it**", 2));
    assert_eq!(read.url, Some(format!("{}/acme/Shop/_workitems/edit/5", fake.base)));
    assert_eq!(fake.paths(), [PATH]);
    assert_eq!(fake.query().as_deref(), Some("api-version=7.1"));
    assert_eq!(fake.header("authorization").as_deref(), Some("Basic OnBhdA=="));
    server.stop().await;
}

#[tokio::test]
async fn a_recorded_response_is_parsed() {
    let recorded: Value = serde_json::from_str(&fixture("azure/rest.GET__wit_WorkItems_id.json")).unwrap();
    let (server, fake, azure) = start(vec![FakeResponse::json(&recorded["responses"]["200"]["body"])]).await;
    let event = json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 12}});
    server.send_event(&azure, event).await;
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&azure, "the work item", |issue| issue.title == "Epic 2").await;
    assert_eq!((read.issue_type.as_deref(), read.assignee.as_deref()), (Some("User Story"), Some("Jamal Hartnett")));
    assert_eq!(read.labels.0, ["client", "sample", "teamservices"]);
    assert_eq!(read.tracker_updated_at.unwrap().to_rfc3339(), "2017-10-04T23:32:02.180+00:00");
    assert_eq!(fake.paths(), ["/acme/Shop/_apis/wit/workitems/12"]);
    server.stop().await;
}

#[tokio::test]
async fn failures_are_shown_and_change_no_work_item() {
    let sign_in = || FakeResponse::html(302).with("location", "https://spsprodweu.vssps.visualstudio.com/_signin");
    let moved = || FakeResponse::new(301, "").with("location", "https://elsewhere.example/acme");
    for (answer, word) in [
        (FakeResponse::new(401, ""), "rejected the token"),
        (FakeResponse::html(203), "sign-in page"),
        (sign_in(), "sign-in page"),
        (FakeResponse::html(200), "sign-in page"),
        (FakeResponse::new(403, "{}"), "Work Items (Read)"),
        (FakeResponse::new(404, r#"{"message":"TF401232: Work item 5 does not exist"}"#), "404"),
        (FakeResponse::new(410, ""), "deleted"),
        (FakeResponse::new(429, "").with("retry-after", 30), "rate limit"),
        (FakeResponse::new(503, "").with("retry-after", 30), "rate limit"),
        (moved(), "can't follow"),
        (FakeResponse::new(200, "{}"), "not the work item"),
        (FakeResponse::json(&json!({"id": 6, "fields": {}})), "not the work item"),
    ] {
        let (server, fake, azure) = start(vec![answer]).await;
        send_event(&server, &azure).await;
        let failed = server.wait_for_sync_error(&azure).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert_eq!((server.only_issue(&azure).await.title.as_str(), fake.paths().len()), ("Event", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn an_invalid_token_pauses_the_project() {
    let (server, fake, azure) = start(vec![FakeResponse::html(203), FakeResponse::json(&work_item("Read"))]).await;
    send_event(&server, &azure).await;
    assert!(server.wait_for_sync_error(&azure).await.paused_until.is_some());
    server.send_event(&azure, minimal(1)).await;
    assert_eq!(fake.paths().len(), 1);
    server.state.clock.advance(Duration::from_secs(5 * 60 + 1));
    server.wait_for_issue(&azure, "another try", |issue| issue.title == "Read").await;
    server.stop().await;
}

#[tokio::test]
async fn a_throttled_request_pauses_the_project() {
    let slowed = FakeResponse::json(&work_item("Read")).with("retry-after", 20).with("x-ratelimit-remaining", 5);
    let (server, _fake, azure) = start(vec![slowed]).await;
    send_event(&server, &azure).await;
    server.wait_for_issue(&azure, "the reading", |issue| issue.title == "Read").await;
    let paused = eventually("the pause", async || {
        use sea_orm::EntityTrait;
        let row = server::entity::integration::Entity::find().one(server.state.store.read()).await.unwrap().unwrap();
        row.paused_until
    })
    .await;
    assert_eq!(paused, server.state.clock.now() + Duration::from_secs(20));
    server.stop().await;
}

#[tokio::test]
async fn slow_and_truncated_responses_are_retried() {
    let answer = FakeResponse::json(&work_item("Read"));
    slow_and_truncated_responses(Provider::AzureDevops, token(), answer, send_event).await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    for (answer, ok, word) in [
        (
            FakeResponse::json(&json!({"count": 2, "value": [{"name": "Bug"}, {"name": "Task"}]})),
            true,
            "2 work item types",
        ),
        (FakeResponse::html(203), false, "sign-in page"),
        (FakeResponse::new(401, ""), false, "rejected the token"),
        (FakeResponse::new(404, ""), false, "no access"),
        (FakeResponse::new(200, "{}"), false, "does not look like Azure DevOps"),
    ] {
        let (server, fake, azure) = start(vec![answer]).await;
        let test = server.state.test_integration(&azure.owner, azure.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/acme/Shop/_apis/wit/workitemtypes"]);
        server.stop().await;
    }
}
