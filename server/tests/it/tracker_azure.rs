//! Reading work items from Azure DevOps after an event, against a server that answers as it does.

use std::time::Duration;

use app::model::integration::{Credentials, Provider};
use app::service::Integrations;
use serde_json::{Value, json};

use crate::support::TestServer;
use crate::support::eventually;
use crate::support::fake_tracker::{Answer, FakeTracker};
use crate::support::inbound::fixture;
use crate::support::raw::{RawReceiver, Then};
use crate::support::tracker::Tracker;

const PATH: &str = "/acme/Shop/_apis/wit/workitems/5";

fn token() -> Option<Credentials> {
    Some(Credentials { email: None, token: "pat".to_owned() })
}

async fn start(answers: Vec<Answer>) -> (TestServer, FakeTracker, Tracker) {
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

/// An event that says only which work item it is about.
fn minimal(n: u32) -> Value {
    json!({"eventType": "workitem.updated", "notificationId": n, "resource": {"id": n, "workItemId": 5}})
}

/// An event with what the work item was then.
fn event() -> Value {
    let fields = json!({"System.Title": "Event", "System.ChangedDate": "2026-01-05T10:00:01Z"});
    json!({"eventType": "workitem.created", "resource": {"id": 5, "fields": fields}})
}

async fn tell(server: &TestServer, azure: &Tracker) {
    server.told(azure, event()).await;
    server.core.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn an_unknown_work_item_of_minimal_events_appears_when_it_is_read_once() {
    let (server, fake, azure) = start(vec![Answer::json(&work_item("Read"))]).await;
    for n in 0..20 {
        assert_eq!(server.told(&azure, minimal(n)).await, "unchanged");
    }
    server.core.clock.advance(Duration::from_secs(1));
    let read = server.issue_when(&azure, "the work item appears", |issue| issue.title == "Read").await;
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
async fn the_recorded_answer_of_azure_devops_is_read() {
    let recorded: Value = serde_json::from_str(&fixture("azure/rest.GET__wit_WorkItems_id.json")).unwrap();
    let (server, fake, azure) = start(vec![Answer::json(&recorded["responses"]["200"]["body"])]).await;
    let event = json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 12}});
    server.told(&azure, event).await;
    server.core.clock.advance(Duration::from_secs(1));
    let read = server.issue_when(&azure, "the work item", |issue| issue.title == "Epic 2").await;
    assert_eq!((read.issue_type.as_deref(), read.assignee.as_deref()), (Some("User Story"), Some("Jamal Hartnett")));
    assert_eq!(read.labels.0, ["client", "sample", "teamservices"]);
    assert_eq!(read.tracker_updated_at.unwrap().to_rfc3339(), "2017-10-04T23:32:02.180+00:00");
    assert_eq!(fake.paths(), ["/acme/Shop/_apis/wit/workitems/12"]);
    server.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_shown_and_the_work_item_stays_as_the_event_told() {
    let sign_in = || Answer::html(302).with("location", "https://spsprodweu.vssps.visualstudio.com/_signin");
    let moved = || Answer::of(301, "").with("location", "https://elsewhere.example/acme");
    for (answer, word) in [
        (Answer::of(401, ""), "does not accept the token"),
        (Answer::html(203), "asks to sign in"),
        (sign_in(), "asks to sign in"),
        (Answer::html(200), "asks to sign in"),
        (Answer::of(403, "{}"), "Work Items (Read)"),
        (Answer::of(404, r#"{"message":"TF401232: Work item 5 does not exist"}"#), "404"),
        (Answer::of(410, ""), "deleted"),
        (Answer::of(429, "").with("retry-after", 30), "rate limit"),
        (Answer::of(503, "").with("retry-after", 30), "rate limit"),
        (moved(), "can't follow"),
        (Answer::of(200, "{}"), "not the work item"),
        (Answer::json(&json!({"id": 6, "fields": {}})), "not the work item"),
    ] {
        let (server, fake, azure) = start(vec![answer]).await;
        tell(&server, &azure).await;
        let failed = server.failed_reading(&azure).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert_eq!((server.only_issue(&azure).await.title.as_str(), fake.paths().len()), ("Event", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_token_that_is_not_known_stops_the_reading_of_the_whole_project_for_a_while() {
    let (server, fake, azure) = start(vec![Answer::html(203), Answer::json(&work_item("Read"))]).await;
    tell(&server, &azure).await;
    assert!(server.failed_reading(&azure).await.paused_until.is_some());
    server.told(&azure, minimal(1)).await;
    assert_eq!(fake.paths().len(), 1);
    server.core.clock.advance(Duration::from_secs(5 * 60 + 1));
    server.issue_when(&azure, "another try", |issue| issue.title == "Read").await;
    server.stop().await;
}

#[tokio::test]
async fn a_granted_request_that_is_slowed_down_pauses_the_project() {
    let slowed = Answer::json(&work_item("Read")).with("retry-after", 20).with("x-ratelimit-remaining", 5);
    let (server, _fake, azure) = start(vec![slowed]).await;
    tell(&server, &azure).await;
    server.issue_when(&azure, "the reading", |issue| issue.title == "Read").await;
    let paused = eventually("the pause", async || {
        use sea_orm::EntityTrait;
        let row = server::entity::integration::Entity::find().one(server.core.store.read()).await.unwrap().unwrap();
        row.paused_until
    })
    .await;
    assert_eq!(paused, server.core.clock.now() + Duration::from_secs(20));
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_slow_or_cut_off_is_a_failure_that_is_tried_again() {
    let server = TestServer::start().await;
    let slow = FakeTracker::start_closed([Answer::json(&work_item("Read"))]).await;
    let azure = server.tracker(Provider::AzureDevops, &slow.base, token()).await;
    tell(&server, &azure).await;
    eventually("the request", async || (slow.paths().len() == 1).then_some(())).await;
    server.core.clock.advance(Duration::from_secs(10));
    assert!(server.failed_reading(&azure).await.sync_error.unwrap().contains("Timed out"));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"id\":";
    let cut = RawReceiver::writing(head, Then::Close).await;
    let cut = server.tracker(Provider::AzureDevops, cut.url().trim_end_matches('/'), token()).await;
    tell(&server, &cut).await;
    server.failed_reading(&cut).await;
    assert!(server.only_issue(&cut).await.sync_due_at.is_some());
    server.stop().await;
}

#[tokio::test]
async fn a_test_of_the_connection_says_what_is_wrong() {
    for (answer, ok, word) in [
        (Answer::json(&json!({"count": 2, "value": [{"name": "Bug"}, {"name": "Task"}]})), true, "2 types"),
        (Answer::html(203), false, "asks to sign in"),
        (Answer::of(401, ""), false, "does not accept the token"),
        (Answer::of(404, ""), false, "no access"),
        (Answer::of(200, "{}"), false, "does not look like Azure DevOps"),
    ] {
        let (server, fake, azure) = start(vec![answer]).await;
        let test = server.core.test_integration(&azure.owner, azure.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/acme/Shop/_apis/wit/workitemtypes"]);
        server.stop().await;
    }
}
