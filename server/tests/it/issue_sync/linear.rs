//! Syncs of issues from Linear's GraphQL API.

use std::time::Duration;

use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::{Value, json};

use super::slow_and_truncated_responses;
use crate::support::TestServer;
use crate::support::any_tracker::{credentials, event_of};
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::tracker::Tracker;

async fn start(answers: impl IntoIterator<Item = FakeResponse>) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let linear = server.tracker(Provider::Linear, &fake.base, credentials()).await;
    (server, fake, linear)
}

fn issue(title: &str) -> Value {
    json!({"data": {"issue": {
        "id": "5", "identifier": "ENG-7", "title": title, "description": "It is **wrong**.", "trashed": null,
        "priority": 0, "priorityLabel": "No priority", "state": {"name": "Done", "type": "completed"}, "assignee": null,
        "labels": {"nodes": [{"name": "a"}]}, "updatedAt": "2026-01-05T10:00:59.000Z",
    }}})
}

fn failed(code: &str, message: &str) -> FakeResponse {
    let errors = json!([{"message": message, "extensions": {"code": code}}]);
    FakeResponse::new(400, json!({"errors": errors}).to_string())
}

/// Sends an event, and waits until the coalesce window has ended.
async fn send_event(server: &TestServer, linear: &Tracker) {
    server.send_event(linear, event_of(Provider::Linear, "Told", "2026-01-05T10:00:01Z")).await;
    server.state.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn many_events_lead_to_one_query_by_id() {
    let (server, fake, linear) = start([FakeResponse::json(&issue("As it is now"))]).await;
    for second in 0..20 {
        let time = format!("2026-01-05T10:00:{second:02}Z");
        server.send_event(&linear, event_of(Provider::Linear, "Told", &time)).await;
    }
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&linear, "the issue is read", |issue| issue.title == "As it is now").await;
    assert_eq!((read.key.as_deref(), read.description.as_str()), (Some("ENG-7"), "It is **wrong**."));
    assert_eq!((read.status.as_str(), read.status_kind, read.priority), ("Done", StatusKind::Closed, None));
    assert_eq!(read.url, Some(format!("{}/issue/ENG-7", fake.base)));
    assert_eq!(fake.paths(), ["/graphql"]);
    assert_eq!(fake.header("authorization").as_deref(), Some("t"));
    assert_eq!(fake.header("content-type").as_deref(), Some("application/json"));
    server.stop().await;
}

#[tokio::test]
async fn failures_are_shown_and_change_no_issue() {
    let mut other = issue("Another issue");
    other["data"]["issue"]["id"] = json!("99");
    let mut trashed = issue("Deleted");
    trashed["data"]["issue"]["trashed"] = json!(true);
    for (answer, word) in [
        (FakeResponse::new(401, "{}"), "rejected the token"),
        (failed("AUTHENTICATION_ERROR", "Authentication required"), "rejected the API key"),
        (failed("FORBIDDEN", "Not allowed"), "no permission"),
        (failed("INPUT_ERROR", "Entity not found: Issue"), "has no ENG-7"),
        (failed("INTERNAL_ERROR", "Oops <b>"), "responded with an error"),
        (failed("RATELIMITED", "Rate limit exceeded"), "rate limit"),
        (FakeResponse::new(302, "").with("location", "/graphql"), "302"),
        (FakeResponse::html(200), "is a web page"),
        (FakeResponse::new(200, "{"), "does not look like Linear"),
        (FakeResponse::new(200, "{}"), "does not look like Linear"),
        (FakeResponse::json(&json!({"data": {"issue": null}})), "is not the issue"),
        (FakeResponse::json(&other), "is not the issue"),
        (FakeResponse::json(&trashed), "trash"),
    ] {
        let (server, fake, linear) = start([answer]).await;
        send_event(&server, &linear).await;
        let failed = server.wait_for_sync_error(&linear).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert_eq!((server.only_issue(&linear).await.title.as_str(), fake.paths().len()), ("Told", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn an_exhausted_limit_is_waited_for() {
    let limited = failed("RATELIMITED", "Rate limit exceeded")
        .with("x-ratelimit-requests-remaining", "0")
        .with("x-ratelimit-requests-reset", "4102444800000");
    let (server, fake, linear) = start([limited, FakeResponse::json(&issue("Read"))]).await;
    send_event(&server, &linear).await;
    let failed = server.wait_for_sync_error(&linear).await.sync_error.unwrap();
    assert!(failed.contains("rate limit was reached"), "{failed}");
    assert_eq!(fake.paths().len(), 1);
    server.state.clock.advance(Duration::from_secs(2 * 60 * 60 + 60));
    server.wait_for_issue(&linear, "the issue is read", |issue| issue.title == "Read").await;
    server.stop().await;
}

#[tokio::test]
async fn slow_and_truncated_responses_are_retried() {
    let answer = FakeResponse::json(&issue("Read"));
    slow_and_truncated_responses(Provider::Linear, credentials(), answer, send_event).await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    let teams = |nodes: Value| FakeResponse::json(&json!({"data": {"teams": {"nodes": nodes}}}));
    for (answer, ok, word) in [
        (teams(json!([{"key": "ENG", "name": "Engineering"}])), true, "Connected to Engineering (ENG)"),
        (teams(json!([])), false, "no team with the key ENG"),
        (failed("AUTHENTICATION_ERROR", "Authentication required"), false, "API key"),
        (FakeResponse::new(404, "{}"), false, "404"),
        (FakeResponse::new(200, "[]"), false, "does not look like Linear"),
    ] {
        let (server, fake, linear) = start([answer]).await;
        let test = server.state.test_integration(&linear.owner, linear.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/graphql"]);
        server.stop().await;
    }
}
