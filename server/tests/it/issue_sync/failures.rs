//! What a failed sync leads to; with GitHub as the tracker.

use std::time::Duration;

use app::model::integration::{Credentials, PutIntegration};
use app::model::provider::Provider;
use app::service::Integrations;
use serde_json::json;

use super::{TOKEN, end_coalesce_window, integration_row, is_synced, start, wait_for_issue};
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::{event, issue_json};
use crate::support::{TestServer, eventually, run_ready_tasks};

#[tokio::test]
async fn a_failure_is_retried_and_cleared_by_a_success() {
    let (server, fake, github) =
        start([FakeResponse::new(502, "bad gateway"), FakeResponse::json(&issue_json("Read", 59))]).await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    end_coalesce_window(&server);
    let failed = wait_for_issue(&server, &github, "the failure is shown", |issue| issue.sync_error.is_some()).await;
    assert!(failed.sync_error.unwrap().contains("502"));
    assert_eq!(failed.sync_attempts, 1);
    let shown = server.state.integration(&github.owner, github.project).await.unwrap().unwrap();
    assert!(shown.sync_error.unwrap().contains("acme/checkout#42"));
    assert_eq!(shown.sync_waiting, 1);
    let wait = failed.sync_due_at.unwrap() - server.state.clock.now();
    assert!((30..38).contains(&wait.num_seconds()), "{wait}");
    server.state.clock.advance(Duration::from_secs(38));
    let read = wait_for_issue(&server, &github, "the retry", |issue| issue.title == "Read").await;
    assert_eq!((read.sync_error.as_deref(), read.sync_attempts), (None, 0));
    assert_eq!(integration_row(&server, &github).await.sync_error, None);
    assert_eq!(fake.paths().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn after_eight_attempts_a_sync_waits_for_an_event() {
    let (server, fake, github) = start([FakeResponse::new(500, "")]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    for attempt in 1..8 {
        let what = format!("attempt {attempt}");
        wait_for_issue(&server, &github, &what, |issue| issue.sync_attempts == attempt).await;
        server.state.clock.advance(Duration::from_secs(75 * 60));
    }
    let left = wait_for_issue(&server, &github, "the last attempt", is_synced).await;
    assert!(left.sync_error.unwrap().contains("8 times"));
    assert_eq!(fake.paths().len(), 8);
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    end_coalesce_window(&server);
    eventually("a reading after the next event", async || (fake.paths().len() == 9).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn an_issue_that_is_gone_stays_with_an_error() {
    for (status, word) in [(404, "404"), (410, "deleted")] {
        let (server, fake, github) = start([FakeResponse::new(status, "{}")]).await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        end_coalesce_window(&server);
        let gone = wait_for_issue(&server, &github, "the mark", |issue| issue.sync_error.is_some()).await;
        assert!(gone.sync_error.as_ref().unwrap().contains(word));
        assert!(is_synced(&gone));
        assert_eq!((gone.title.as_str(), fake.paths().len()), ("One", 1));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_new_token_retries_failed_syncs_at_once() {
    let (server, fake, github) = start([FakeResponse::new(401, r#"{"message":"Bad credentials"}"#)]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    let refused = wait_for_issue(&server, &github, "the refusal is shown", |issue| issue.sync_error.is_some()).await;
    assert!(refused.sync_error.unwrap().contains("token"));
    assert!(integration_row(&server, &github).await.paused_until.is_some());
    fake.respond_with([FakeResponse::json(&issue_json("Read", 59))]);
    let put = PutIntegration {
        provider: Provider::Github,
        base_url: fake.base.clone(),
        repository: "acme/checkout".to_owned(),
        only_from_repository: None,
        sync_milestones: None,
        credentials: Some(Credentials { email: None, token: "ghp_new".to_owned() }),
    };
    server.state.put_integration(&github.owner, github.project, put).await.unwrap();
    wait_for_issue(&server, &github, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer ghp_new"));
    server.stop().await;
}

#[tokio::test]
async fn responses_that_are_no_issue_are_errors() {
    let html = FakeResponse::new(200, "<!doctype html><title>Sign in</title>");
    let huge = FakeResponse::new(200, vec![b' '; 2 * 1024 * 1024]);
    let pull_request = json!({"id": 1, "number": 1347, "title": "Found a bug", "state": "open", "pull_request": {}});
    let pull_request = FakeResponse::new(200, pull_request.to_string());
    for (answer, word) in [(html, "JSON"), (huge, "1 MiB"), (pull_request, "pull request")] {
        let (server, _fake, github) = start([answer]).await;
        server.outcome(&github, "issues", event("opened", "One", 1)).await;
        end_coalesce_window(&server);
        let shown = wait_for_issue(&server, &github, word, |issue| issue.sync_error.is_some()).await;
        assert!(shown.sync_error.as_ref().unwrap().contains(word), "{:?}", shown.sync_error);
        assert_eq!(shown.title, "One");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_request_times_out_after_ten_seconds() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start_gated([FakeResponse::new(200, "{}")]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    eventually("the request", async || (fake.paths().len() == 1).then_some(())).await;
    server.state.clock.advance(Duration::from_secs(10));
    let shown = wait_for_issue(&server, &github, "the failure", |issue| issue.sync_error.is_some()).await;
    assert!(shown.sync_error.unwrap().contains("Timed out after 10 s"));
    server.stop().await;
}

#[tokio::test]
async fn a_sync_while_the_process_was_stopped_is_no_attempt() {
    let server = TestServer::start().await;
    let fake = FakeTracker::start_gated([FakeResponse::json(&issue_json("Read", 59))]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    eventually("the request", async || (fake.paths().len() == 1).then_some(())).await;
    // The process was suspended for 20 seconds. Responses that arrived meanwhile are still read.
    server.state.clock.advance(Duration::from_secs(20));
    run_ready_tasks().await;
    server.state.clock.advance(Duration::from_secs(2));
    let released = wait_for_issue(&server, &github, "the trouble is shown", |issue| issue.sync_error.is_some()).await;
    assert!(released.sync_error.unwrap().starts_with("The Testbell server was stopped or overloaded"));
    assert_eq!(released.sync_attempts, 0);
    fake.release(10);
    server.state.clock.advance(Duration::from_secs(11));
    let read = wait_for_issue(&server, &github, "the next reading", |issue| issue.title == "Read").await;
    assert_eq!((read.sync_error, read.sync_attempts), (None, 0));
    server.stop().await;
}
