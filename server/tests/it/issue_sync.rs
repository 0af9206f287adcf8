//! Syncs of issues after an event, with a fake tracker.

mod azure_devops;
mod failures;
mod gitea;
mod github;
mod gitlab;
mod jira;
mod linear;
mod schedule;

use std::time::Duration;

use app::model::integration::Credentials;
use app::model::provider::Provider;
use sea_orm::EntityTrait;
use server::entity::{integration, issue};

use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::Github;
use crate::support::raw::{RawReceiver, Then};
use crate::support::tracker::Tracker;
use crate::support::{TestServer, eventually};

const TOKEN: &str = "ghp_token";
const PATH: &str = "/api/v3/repos/acme/checkout/issues/42";

async fn start(answers: impl IntoIterator<Item = FakeResponse>) -> (TestServer, FakeTracker, Github) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start(answers).await;
    let github = server.github_with("secret", &fake.base, Some(TOKEN)).await;
    (server, fake, github)
}

/// Advances the clock past the window in which an issue waits for more events.
fn end_coalesce_window(server: &TestServer) {
    server.state.clock.advance(Duration::from_secs(1));
}

async fn wait_for_issue(
    server: &TestServer,
    github: &Github,
    what: &str,
    is: impl Fn(&issue::Model) -> bool,
) -> issue::Model {
    eventually(what, async || {
        let found = server.issues(github.project).await.into_iter().next()?;
        is(&found).then_some(found)
    })
    .await
}

async fn integration_row(server: &TestServer, github: &Github) -> integration::Model {
    integration::Entity::find_by_id(github.integration).one(server.state.store.read()).await.unwrap().unwrap()
}

/// Whether an issue is not in the sync queue.
fn is_synced(issue: &issue::Model) -> bool {
    issue.sync_due_at.is_none() && issue.sync_lease_until.is_none()
}

/// A response that takes too long and one that ends early are both retried.
async fn slow_and_truncated_responses(
    provider: Provider,
    credentials: Option<Credentials>,
    answer: FakeResponse,
    tell: impl AsyncFn(&TestServer, &Tracker),
) {
    let server = TestServer::start().await;
    let slow = FakeTracker::start_gated([answer]).await;
    let tracker = server.tracker(provider, &slow.base, credentials.clone()).await;
    tell(&server, &tracker).await;
    eventually("the request", async || (slow.paths().len() == 1).then_some(())).await;
    server.state.clock.advance(Duration::from_secs(10));
    assert!(server.wait_for_sync_error(&tracker).await.sync_error.unwrap().contains("Timed out"));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"id\":";
    let cut = RawReceiver::writing(head, Then::Close).await;
    let tracker = server.tracker(provider, cut.url().trim_end_matches('/'), credentials).await;
    tell(&server, &tracker).await;
    server.wait_for_sync_error(&tracker).await;
    assert!(server.only_issue(&tracker).await.sync_due_at.is_some());
    server.stop().await;
}
