//! Syncs of issues from GitLab.

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

const PATH: &str = "/api/v4/projects/acme%2FShop/issues/7";

async fn start(answers: impl IntoIterator<Item = FakeResponse>) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let gitlab = server.tracker(Provider::Gitlab, &fake.base, credentials()).await;
    (server, fake, gitlab)
}

/// As GitLab's documentation shows it.
fn issue(title: &str) -> Value {
    json!({
        "id": 5, "iid": 7, "project_id": 4, "title": title, "description": "It is **wrong**.", "state": "closed",
        "updated_at": "2026-01-05T10:00:59.000Z", "labels": ["a", "b"], "type": "INCIDENT", "issue_type": "incident",
        "assignees": [{"name": "Ada Lovelace", "username": "ada"}, {"name": "Bob", "username": "bob"}],
        "assignee": {"name": "Ada Lovelace", "username": "ada"}, "confidential": true, "moved_to_id": null,
        "references": {"short": "#7", "relative": "#7", "full": "acme/Shop#7"},
        "web_url": "https://gitlab.example.com/acme/Shop/-/issues/7",
    })
}

/// Sends an event, and waits until the coalesce window has ended.
async fn send_event(server: &TestServer, gitlab: &Tracker) {
    server.send_event(gitlab, event_of(Provider::Gitlab, "Told", "2026-01-05T10:00:01Z")).await;
    server.state.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn many_events_lead_to_one_request_by_key() {
    let (server, fake, gitlab) = start([FakeResponse::json(&issue("As it is now"))]).await;
    for second in 0..20 {
        let time = format!("2026-01-05T10:00:{second:02}Z");
        server.send_event(&gitlab, event_of(Provider::Gitlab, "Told", &time)).await;
    }
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&gitlab, "the issue is read", |issue| issue.title == "As it is now").await;
    assert_eq!((read.key.as_deref(), read.description.as_str()), (Some("acme/Shop#7"), "It is **wrong**."));
    assert_eq!((read.status.as_str(), read.status_kind), ("closed", StatusKind::Closed));
    assert_eq!((read.assignee.as_deref(), read.issue_type.as_deref()), (Some("Ada Lovelace, Bob"), Some("Incident")));
    assert_eq!(read.labels.0, ["a", "b"]);
    assert_eq!(read.url, Some(format!("{}/acme/Shop/-/issues/7", fake.base)));
    assert_eq!(fake.paths(), [PATH]);
    assert_eq!(fake.header("private-token").as_deref(), Some("t"));
    server.stop().await;
}

#[tokio::test]
async fn a_comment_triggers_a_read_of_its_issue() {
    let (server, fake, gitlab) = start([FakeResponse::json(&issue("Read"))]).await;
    let note = json!({
        "object_kind": "note", "object_attributes": {"id": 1, "noteable_type": "Issue"},
        "project": {"path_with_namespace": "acme/Shop"}, "issue": {"id": 5, "iid": 7},
    });
    assert_eq!(server.send_event(&gitlab, note).await, "unchanged");
    assert!(server.issues(gitlab.project).await.is_empty());
    server.state.clock.advance(Duration::from_secs(1));
    server.wait_for_issue(&gitlab, "the issue appears", |issue| issue.title == "Read").await;
    assert_eq!(fake.paths(), [PATH]);
    server.stop().await;
}

#[tokio::test]
async fn a_renamed_project_is_followed() {
    let mut renamed = issue("Read");
    renamed["references"]["full"] = json!("acme/store#7");
    let redirect = FakeResponse::new(302, "").with("location", "/api/v4/projects/4/issues/7");
    let (server, fake, gitlab) = start([redirect, FakeResponse::json(&renamed)]).await;
    send_event(&server, &gitlab).await;
    let read = server.wait_for_issue(&gitlab, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!((read.key.as_deref(), read.external_id.as_deref()), (Some("acme/store#7"), Some("5")));
    assert_eq!(fake.paths(), [PATH, "/api/v4/projects/4/issues/7"]);
    server.stop().await;
}

#[tokio::test]
async fn failures_are_shown_and_change_no_issue() {
    let mut other = issue("Another issue");
    other["id"] = json!(99);
    for (answer, word) in [
        (FakeResponse::new(401, r#"{"message":"401 Unauthorized"}"#), "rejected the token"),
        (FakeResponse::new(403, "{}"), "read_api"),
        (FakeResponse::new(404, r#"{"message":"404 Not found"}"#), "404"),
        (FakeResponse::new(429, "").with("retry-after", 30), "rate limit"),
        (FakeResponse::new(302, "").with("location", "https://elsewhere.example/api/v4/x"), "can't follow"),
        (FakeResponse::html(200), "is a web page"),
        (FakeResponse::new(200, "{"), "not the issue"),
        (FakeResponse::json(&other), "not the issue"),
    ] {
        let (server, fake, gitlab) = start([answer]).await;
        send_event(&server, &gitlab).await;
        let failed = server.wait_for_sync_error(&gitlab).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert_eq!((server.only_issue(&gitlab).await.title.as_str(), fake.paths().len()), ("Told", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn slow_and_truncated_responses_are_retried() {
    let answer = FakeResponse::json(&issue("Read"));
    slow_and_truncated_responses(Provider::Gitlab, credentials(), answer, send_event).await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    let project = |path: &str, issues: bool| {
        FakeResponse::json(&json!({"id": 4, "path_with_namespace": path, "issues_enabled": issues}))
    };
    for (answer, ok, word) in [
        (project("acme/shop", true), true, "Connected"),
        (project("acme/store", true), true, "now called acme/store"),
        (project("acme/Shop", false), false, "turned off"),
        (FakeResponse::new(401, "{}"), false, "token"),
        (FakeResponse::new(404, "{}"), false, "no access"),
        (FakeResponse::html(200), false, "is a web page"),
        (FakeResponse::new(200, "{}"), false, "does not look like GitLab"),
    ] {
        let (server, fake, gitlab) = start([answer]).await;
        let test = server.state.test_integration(&gitlab.owner, gitlab.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/api/v4/projects/acme%2FShop"]);
        server.stop().await;
    }
}
