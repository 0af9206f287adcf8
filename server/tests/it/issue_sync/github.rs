//! The requests of the GitHub client, and the connection test.

use app::error::Error;
use app::model::integration::{Credentials, PutIntegration};
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::{Value, json};

use super::{PATH, TOKEN, end_coalesce_window, is_synced, start, wait_for_issue};
use crate::support::TestServer;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::{event, issue_json};

fn moved() -> Value {
    let mut issue = issue_json("Moved", 59);
    issue["id"] = json!(9000);
    issue["number"] = json!(7);
    issue["html_url"] = json!("https://github.com/acme/shop/issues/7");
    issue
}

#[tokio::test]
async fn a_redirect_within_the_api_is_followed() {
    let redirect = FakeResponse::new(301, "{}").with("location", "/api/v3/repositories/5/issues/7");
    let (server, fake, github) = start([redirect, FakeResponse::json(&moved())]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    let known = server.issues(github.project).await[0].id;
    end_coalesce_window(&server);
    let read = wait_for_issue(&server, &github, "the new place", |issue| issue.title == "Moved").await;
    assert_eq!((read.id, read.key.as_deref(), read.external_id.as_deref()), (known, Some("acme/shop#7"), Some("9000")));
    assert!(is_synced(&read));
    assert_eq!(fake.paths(), [PATH, "/api/v3/repositories/5/issues/7"]);
    assert_eq!(server.outcome(&github, "issues", event("edited", "Late", 3)).await, "ignored");
    server.stop().await;
}

#[tokio::test]
async fn the_token_is_not_sent_to_another_server() {
    let elsewhere = FakeTracker::start([FakeResponse::json(&moved())]).await;
    let redirect = FakeResponse::new(301, "{}").with("location", format!("{}{PATH}", elsewhere.base));
    let (server, fake, github) = start([redirect]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    wait_for_issue(&server, &github, "the failure is shown", |issue| issue.sync_error.is_some()).await;
    assert_eq!((fake.paths().len(), elsewhere.paths().len()), (1, 0));
    server.stop().await;
}

#[tokio::test]
async fn a_connection_test_says_what_is_wrong() {
    let found = |name: &str| FakeResponse::json(&json!({"full_name": name, "has_issues": true}));
    for (answer, ok, word) in [
        (found("acme/checkout"), true, "Connected"),
        (found("acme/renamed"), true, "acme/renamed"),
        (FakeResponse::json(&json!({"full_name": "acme/checkout", "has_issues": false})), false, "turned off"),
        (FakeResponse::new(401, "{}"), false, "token"),
        (FakeResponse::new(403, "{}"), false, "read access"),
        (FakeResponse::new(404, "{}"), false, "access"),
        (FakeResponse::new(429, "{}").with("retry-after", 30), false, "rate limit"),
        (FakeResponse::new(503, "{}"), false, "503"),
        (FakeResponse::new(200, "<html>"), false, "does not look like GitHub"),
    ] {
        let (server, fake, github) = start([answer]).await;
        let test = server.state.test_integration(&github.owner, github.project).await.unwrap();
        assert_eq!(test.ok, ok, "{}", test.detail);
        assert!(test.detail.contains(word), "{}", test.detail);
        assert_eq!(fake.paths(), ["/api/v3/repos/acme/checkout"]);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_test_result_is_shown_until_settings_change() {
    let found = FakeResponse::json(&json!({"full_name": "acme/checkout", "has_issues": true}));
    let (server, _fake, github) = start([FakeResponse::new(401, "{}"), found]).await;
    let shown = async || server.state.integration(&github.owner, github.project).await.unwrap().unwrap();
    let test = async || server.state.test_integration(&github.owner, github.project).await.unwrap();
    assert_eq!((shown().await.synced_at, shown().await.sync_error), (None, None));
    let failed = test().await;
    assert_eq!((shown().await.synced_at, shown().await.sync_error), (None, Some(failed.detail)));
    assert!(test().await.ok);
    let read = shown().await;
    assert_eq!((read.synced_at, read.sync_error), (Some(server.state.clock.now()), None));
    let changed = PutIntegration {
        provider: Provider::Github,
        base_url: read.base_url,
        repository: read.repository,
        only_from_repository: None,
        sync_milestones: None,
        credentials: Some(Credentials { email: None, token: "another".to_owned() }),
    };
    server.state.put_integration(&github.owner, github.project, changed).await.unwrap();
    assert_eq!(shown().await.synced_at, None);
    server.stop().await;
}

#[tokio::test]
async fn a_connection_test_is_for_admins() {
    let server = TestServer::start().await;
    let github = server.github_with("secret", "http://127.0.0.1:1", Some(TOKEN)).await;
    let test = server.state.test_integration(&github.owner, github.project).await.unwrap();
    assert!(!test.ok && test.detail.contains("nothing listens there"), "{}", test.detail);
    let stranger = server.user("Mallory", false).await;
    let refused = server.state.test_integration(&stranger, github.project).await;
    assert_eq!(refused, Err(Error::NotFound));
    server.stop().await;
}
