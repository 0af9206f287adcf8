//! Syncs of issues after an event, with a fake tracker.

mod azure_devops;
mod failures;
mod github;
mod jira;
mod schedule;

use std::time::Duration;

use sea_orm::EntityTrait;
use server::entity::{integration, issue};

use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::inbound::Github;
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
