//! When issues are synced, and how rate limits pause a project; with GitHub as the tracker.

use std::time::Duration;

use app::service::{Integrations, Issues};
use sea_orm::DbBackend;
use server::entity::issue;

use super::{PATH, TOKEN, end_coalesce_window, integration_row, is_synced, start, wait_for_issue};
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::{event, issue_json};
use crate::support::{TestServer, eventually};

#[tokio::test]
async fn many_events_lead_to_one_request_with_githubs_headers() {
    let (server, fake, github) = start([FakeResponse::json(&issue_json("As it is now", 59))]).await;
    for n in 0..20 {
        server.outcome(&github, "issues", event("edited", &format!("State {n}"), n)).await;
    }
    end_coalesce_window(&server);
    let read = wait_for_issue(&server, &github, "the issue is read", |issue| issue.title == "As it is now").await;
    assert!(is_synced(&read));
    assert_eq!((read.sync_error, read.synced_at), (None, Some(server.state.clock.now())));
    assert_eq!(fake.paths(), [PATH]);
    assert_eq!(fake.header("authorization").as_deref(), Some("Bearer ghp_token"));
    assert_eq!(fake.header("accept").as_deref(), Some("application/vnd.github+json"));
    assert_eq!(fake.header("x-github-api-version").as_deref(), Some("2022-11-28"));
    assert!(fake.header("user-agent").unwrap().starts_with("Testbell/"));
    let shown = server.state.integration(&github.owner, github.project).await.unwrap().unwrap();
    assert_eq!((shown.sync_error, shown.sync_waiting), (None, 0));
    assert_eq!(shown.synced_at, Some(server.state.clock.now()));
    server.stop().await;
}

#[tokio::test]
async fn without_credentials_nothing_is_synced() {
    let server = TestServer::start().await;
    let github = server.github().await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    assert!(is_synced(&server.issues(github.project).await[0]));
    server.stop().await;
}

#[tokio::test]
async fn an_event_during_a_sync_leads_to_another_one() {
    let server = TestServer::start().await;
    let fake =
        FakeTracker::start_gated([1, 2].map(|n| FakeResponse::json(&issue_json(&format!("Read {n}"), 30 + n)))).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    eventually("the first reading", async || (fake.paths().len() == 1).then_some(())).await;
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    server.outcome(&github, "issues", event("edited", "Three", 3)).await;
    fake.release(1);
    wait_for_issue(&server, &github, "the first reading is applied", |issue| issue.title == "Read 1").await;
    fake.release(1);
    end_coalesce_window(&server);
    let read = wait_for_issue(&server, &github, "the second reading is applied", |issue| issue.title == "Read 2").await;
    assert!(is_synced(&read));
    assert_eq!(fake.paths().len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn an_event_during_a_failing_sync_leads_to_another_one() {
    let server = TestServer::start().await;
    let answers = [FakeResponse::new(404, "{}"), FakeResponse::json(&issue_json("Read", 59))];
    let fake = FakeTracker::start_gated(answers).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    eventually("the first reading", async || (fake.paths().len() == 1).then_some(())).await;
    server.outcome(&github, "issues", event("edited", "Two", 2)).await;
    fake.release(1);
    wait_for_issue(&server, &github, "the first reading is applied", |issue| issue.sync_error.is_some()).await;
    fake.release(1);
    end_coalesce_window(&server);
    let read = wait_for_issue(&server, &github, "the second reading is applied", |issue| issue.title == "Read").await;
    assert!(is_synced(&read));
    server.stop().await;
}

#[tokio::test]
async fn a_rate_limit_pauses_one_project_only() {
    let server = TestServer::start().await;
    let reset = server.state.clock.now().timestamp() + 600;
    let limited = FakeResponse::new(403, r#"{"message":"API rate limit exceeded"}"#)
        .with("x-ratelimit-remaining", 0)
        .with("x-ratelimit-reset", reset);
    let fake = FakeTracker::start([limited, FakeResponse::json(&issue_json("Read", 59))]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    assert_eq!(server.outcome(&github, "issues", event("opened", "One", 1)).await, "created");
    end_coalesce_window(&server);
    let shown = wait_for_issue(&server, &github, "the limit is shown", |issue| issue.sync_error.is_some()).await;
    assert!(shown.sync_error.unwrap().contains("rate limit"));
    let until = integration_row(&server, &github).await.paused_until.unwrap();
    assert_eq!(until.timestamp(), reset + 1);

    // Time passes, more events arrive, and another project is synced, but not this one.
    server.state.clock.advance(Duration::from_secs(590));
    assert_eq!(server.outcome(&github, "issues", event("edited", "Two", 2)).await, "applied");
    let other_fake = FakeTracker::start([FakeResponse::json(&issue_json("Other", 59))]).await;
    let other = server.github_with("secret", &other_fake.base, Some(TOKEN)).await;
    server.outcome(&other, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    wait_for_issue(&server, &other, "the other project is read", |issue| issue.title == "Other").await;
    assert_eq!(fake.paths().len(), 1);

    server.state.clock.advance(Duration::from_secs(11));
    let read = wait_for_issue(&server, &github, "reading goes on", |issue| issue.title == "Read").await;
    assert_eq!((read.sync_error, fake.paths().len()), (None, 2));
    assert_eq!(integration_row(&server, &github).await.sync_error, None);
    server.stop().await;
}

#[tokio::test]
async fn the_last_granted_request_pauses_the_project() {
    let server = TestServer::start().await;
    let reset = server.state.clock.now().timestamp() + 300;
    let last =
        FakeResponse::json(&issue_json("Read", 59)).with("x-ratelimit-remaining", 0).with("x-ratelimit-reset", reset);
    let fake = FakeTracker::start([last]).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    wait_for_issue(&server, &github, "the issue is read", |issue| issue.title == "Read").await;
    assert_eq!(integration_row(&server, &github).await.paused_until.unwrap().timestamp(), reset + 1);
    server.stop().await;
}

#[tokio::test]
async fn a_clock_step_back_and_a_restart_delay_no_sync() {
    let (server, fake, github) = start([FakeResponse::new(502, ""), FakeResponse::json(&issue_json("Read", 59))]).await;
    if server.state.store.read().get_database_backend() == DbBackend::Postgres {
        eprintln!("NOT RUN: with PostgreSQL the schedule is the database's time");
        return;
    }
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    wait_for_issue(&server, &github, "the failure", |issue| issue.sync_attempts == 1).await;
    server.state.clock.step_wall(chrono::TimeDelta::days(-1));
    let server = server.restart(async |_| {}).await;
    let latest = server.state.clock.now() + Duration::from_secs(5 * 60);
    let is_near = |issue: &issue::Model| issue.sync_due_at.is_some_and(|due| due <= latest);
    wait_for_issue(&server, &github, "the retry is moved", is_near).await;
    server.state.clock.advance(Duration::from_secs(5 * 60));
    eventually("the retry", async || (fake.paths().len() == 2).then_some(())).await;
    server.stop().await;
}

#[tokio::test]
async fn sync_now_fetches_the_issue() {
    let (server, fake, github) = start([FakeResponse::json(&issue_json("Read", 59))]).await;
    server.outcome(&github, "issues", event("opened", "One", 1)).await;
    end_coalesce_window(&server);
    wait_for_issue(&server, &github, "the first reading", |issue| issue.title == "Read" && is_synced(issue)).await;
    fake.respond_with([FakeResponse::json(&issue_json("Read again", 59))]);
    let id = server.issues(github.project).await[0].id;
    server.state.sync_issue(&github.owner, id).await.unwrap();
    wait_for_issue(&server, &github, "the second reading", |issue| issue.title == "Read again").await;
    server.stop().await;
}
