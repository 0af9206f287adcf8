//! Syncs of issues from Gitea and Forgejo.

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

const PATH: &str = "/api/v1/repos/acme/Shop/issues/7";

async fn start(answers: impl IntoIterator<Item = FakeResponse>) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let gitea = server.tracker(Provider::Gitea, &fake.base, credentials()).await;
    (server, fake, gitea)
}

fn issue(title: &str) -> Value {
    json!({
        "id": 5, "number": 7, "title": title, "body": "It is **wrong**.", "state": "closed", "is_locked": false,
        "labels": [{"id": 1, "name": "a"}], "assignee": null, "assignees": null, "pull_request": null,
        "updated_at": "2026-01-05T11:00:59+01:00", "html_url": "https://git.example.com/acme/Shop/issues/7",
        "repository": {"id": 4, "name": "Shop", "owner": "acme", "full_name": "acme/Shop"},
    })
}

/// Sends an event, and waits until the coalesce window has ended.
async fn send_event(server: &TestServer, gitea: &Tracker) {
    server.send_event(gitea, event_of(Provider::Gitea, "Told", "2026-01-05T10:00:01Z")).await;
    server.state.clock.advance(Duration::from_secs(1));
}

#[tokio::test]
async fn many_events_lead_to_one_request_by_key() {
    let (server, fake, gitea) = start([FakeResponse::json(&issue("As it is now"))]).await;
    for second in 0..20 {
        let time = format!("2026-01-05T10:00:{second:02}Z");
        server.send_event(&gitea, event_of(Provider::Gitea, "Told", &time)).await;
    }
    server.state.clock.advance(Duration::from_secs(1));
    let read = server.wait_for_issue(&gitea, "the issue is read", |issue| issue.title == "As it is now").await;
    assert_eq!((read.key.as_deref(), read.description.as_str()), (Some("acme/Shop#7"), "It is **wrong**."));
    assert_eq!((read.status.as_str(), read.status_kind, read.assignee), ("closed", StatusKind::Closed, None));
    assert_eq!(read.url, Some(format!("{}/acme/Shop/issues/7", fake.base)));
    assert_eq!(fake.paths(), [PATH]);
    assert_eq!(fake.header("authorization").as_deref(), Some("token t"));
    server.stop().await;
}

#[tokio::test]
async fn a_response_without_its_repository_is_read() {
    let mut old = issue("Read");
    for field in ["repository", "html_url", "is_locked"] {
        old.as_object_mut().unwrap().remove(field);
    }
    let (server, fake, gitea) = start([FakeResponse::json(&old)]).await;
    send_event(&server, &gitea).await;
    let read = server.wait_for_issue(&gitea, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(read.key.as_deref(), Some("acme/Shop#7"));
    assert_eq!(read.url, Some(format!("{}/acme/Shop/issues/7", fake.base)));
    server.stop().await;
}

#[tokio::test]
async fn a_renamed_repository_is_followed() {
    let mut renamed = issue("Read");
    renamed["repository"]["full_name"] = json!("acme/store");
    let redirect = FakeResponse::new(307, "").with("location", "/api/v1/repos/acme/store/issues/7");
    let (server, _fake, gitea) = start([redirect, FakeResponse::json(&renamed)]).await;
    send_event(&server, &gitea).await;
    let read = server.wait_for_issue(&gitea, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!((read.key.as_deref(), read.external_id.as_deref()), (Some("acme/store#7"), Some("5")));
    server.stop().await;
}

#[tokio::test]
async fn failures_are_shown_and_change_no_issue() {
    let mut other = issue("Another issue");
    other["id"] = json!(99);
    let mut pull_request = issue("A pull request");
    pull_request["pull_request"] = json!({"merged": true});
    for (answer, word) in [
        (FakeResponse::new(401, "{}"), "rejected the token"),
        (FakeResponse::new(403, "{}"), "read:issue"),
        (FakeResponse::new(404, "{}"), "404"),
        (FakeResponse::new(302, "").with("location", "https://elsewhere.example/api/v1/x"), "can't follow"),
        (FakeResponse::html(200), "is a web page"),
        (FakeResponse::new(200, "{"), "is not"),
        (FakeResponse::json(&other), "is not"),
        (FakeResponse::json(&pull_request), "is a pull request"),
    ] {
        let (server, fake, gitea) = start([answer]).await;
        send_event(&server, &gitea).await;
        let failed = server.wait_for_sync_error(&gitea).await.sync_error.unwrap();
        assert!(failed.contains(word), "{word}: {failed}");
        assert_eq!((server.only_issue(&gitea).await.title.as_str(), fake.paths().len()), ("Told", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn slow_and_truncated_responses_are_retried() {
    let answer = FakeResponse::json(&issue("Read"));
    slow_and_truncated_responses(Provider::Gitea, credentials(), answer, send_event).await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    let found = |name: &str, issues: bool| FakeResponse::json(&json!({"full_name": name, "has_issues": issues}));
    for (answer, ok, word) in [
        (found("acme/shop", true), true, "Connected"),
        (found("acme/store", true), true, "now called acme/store"),
        (found("acme/Shop", false), false, "turned off"),
        (FakeResponse::new(401, "{}"), false, "token"),
        (FakeResponse::new(404, "{}"), false, "no access"),
        (FakeResponse::new(200, "{}"), false, "does not look like Gitea"),
    ] {
        let (server, fake, gitea) = start([answer]).await;
        let test = server.state.test_integration(&gitea.owner, gitea.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/api/v1/repos/acme/Shop"]);
        server.stop().await;
    }
}
