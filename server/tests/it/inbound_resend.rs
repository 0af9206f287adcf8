//! Resends of the same body: a resend counts as a duplicate only if it can't change anything.

use std::time::Duration;

use app::model::integration::PutIntegration;
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::{Value, json};
use server::entity::receipt;

use sea_orm::{EntityTrait, PaginatorTrait};

use crate::support::TestServer;
use crate::support::any_tracker::{credentials, event_of, issue_of, repository, trackers};
use crate::support::eventually;
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::tracker::Tracker;

const TIME: &str = "2026-01-05T10:00:01Z";

/// Stores credentials, or a URL without credentials.
async fn configure(server: &TestServer, tracker: &Tracker, base_url: &str, with_token: bool) {
    let credentials = with_token.then(credentials).flatten();
    let put = PutIntegration {
        provider: tracker.provider,
        base_url: base_url.to_owned(),
        repository: repository(tracker.provider).to_owned(),
        only_from_repository: None,
        sync_milestones: None,
        credentials,
    };
    server.state.put_integration(&tracker.owner, tracker.project, put).await.unwrap();
}

async fn remembered(server: &TestServer) -> u64 {
    receipt::Entity::find().count(server.state.store.read()).await.unwrap()
}

/// Events that only identify an issue.
fn bare_events() -> [(Provider, Value); 3] {
    let comment = "https://jira.example.com/rest/api/2/issue/5/comment/1";
    [
        (Provider::AzureDevops, json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 5}})),
        (Provider::AzureDevops, json!({"eventType": "workitem.updated", "message": {"text": "Bug #5 (x) updated."}})),
        (Provider::Jira, json!({"webhookEvent": "comment_created", "comment": {"self": comment}})),
    ]
}

#[tokio::test]
async fn a_resend_with_credentials_syncs_the_issue() {
    for (provider, event) in bare_events() {
        let server = TestServer::start().await;
        let fake = FakeTracker::start([FakeResponse::json(&issue_of(provider, "Read", TIME))]).await;
        let tracker = server.tracker(provider, &fake.base, None).await;
        for _ in 0..2 {
            assert_eq!(server.send_event(&tracker, &event).await, "ignored");
            assert!(server.latest_delivery(&tracker).await.error.unwrap().contains("token"));
        }
        assert_eq!(remembered(&server).await, 0);
        configure(&server, &tracker, &fake.base, true).await;
        assert_eq!(server.send_event(&tracker, &event).await, "unchanged");
        server.state.clock.advance(Duration::from_secs(1));
        server.wait_for_issue(&tracker, "the issue appears", |issue| issue.title == "Read").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_resend_retries_a_sync_without_attempts_left() {
    for (provider, event) in bare_events() {
        let server = TestServer::start().await;
        let fake = FakeTracker::start([FakeResponse::new(404, "{}")]).await;
        let tracker = server.tracker(provider, &fake.base, credentials()).await;
        server.send_event(&tracker, &event).await;
        server.state.clock.advance(Duration::from_secs(1));
        server.wait_for_sync_error(&tracker).await;
        fake.respond_with([FakeResponse::json(&issue_of(provider, "Read", TIME))]);
        server.send_event(&tracker, &event).await;
        server.state.clock.advance(Duration::from_secs(1));
        server.wait_for_issue(&tracker, "the issue appears", |issue| issue.title == "Read").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_duplicate_with_credentials_syncs_its_issue() {
    for provider in trackers() {
        let server = TestServer::start().await;
        let fake = FakeTracker::start([FakeResponse::json(&issue_of(provider, "Read", "2026-01-05T10:00:02Z"))]).await;
        let tracker = server.tracker(provider, &fake.base, None).await;
        let event = event_of(provider, "Told", TIME);
        assert_eq!(server.send_event(&tracker, &event).await, "created");
        assert_eq!(server.send_event(&tracker, &event).await, "duplicate");
        assert!(fake.paths().is_empty());
        configure(&server, &tracker, &fake.base, true).await;
        assert_eq!(server.send_event(&tracker, &event).await, "duplicate");
        let issue = server.only_issue(&tracker).await;
        assert_eq!(server.latest_delivery(&tracker).await.issue_id, Some(issue.id));
        server.state.clock.advance(Duration::from_secs(1));
        server.wait_for_issue(&tracker, "the issue is read", |issue| issue.title == "Read").await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_duplicate_about_a_deleted_issue_syncs_nothing() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start([FakeResponse::json(&issue_of(Provider::AzureDevops, "Read", TIME))]).await;
    let azure = server.tracker(Provider::AzureDevops, &fake.base, credentials()).await;
    let deleted = json!({"eventType": "workitem.deleted", "resource": {"id": 5}});
    assert_eq!(server.send_event(&azure, &deleted).await, "ignored");
    assert_eq!(server.send_event(&azure, &deleted).await, "duplicate");
    server.state.clock.advance(Duration::from_secs(2));
    // Another issue is read meanwhile, and this one is not.
    server.send_event(&azure, json!({"eventType": "workitem.updated", "resource": {"id": 2, "workItemId": 6}})).await;
    server.state.clock.advance(Duration::from_secs(1));
    eventually("a reading", async || (!fake.paths().is_empty()).then_some(())).await;
    assert!(fake.paths().iter().all(|path| path.ends_with("/6")), "{:?}", fake.paths());
    server.stop().await;
}

#[tokio::test]
async fn a_resend_after_a_restore_is_applied() {
    let server = TestServer::start().await;
    let azure = server.tracker(Provider::AzureDevops, "", None).await;
    server.send_event(&azure, event_of(Provider::AzureDevops, "One", TIME)).await;
    server.send_event(&azure, json!({"eventType": "workitem.deleted", "resource": {"id": 5}})).await;
    let edit = event_of(Provider::AzureDevops, "Two", "2026-01-05T10:00:02Z");
    assert_eq!(server.send_event(&azure, &edit).await, "ignored");
    server.send_event(&azure, json!({"eventType": "workitem.restored", "resource": {"id": 5}})).await;
    assert_eq!(server.send_event(&azure, &edit).await, "applied");
    assert_eq!(server.send_event(&azure, &edit).await, "duplicate");
    server.stop().await;
}
