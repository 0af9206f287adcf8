//! An issue whose tracker once sent a date far in the future keeps being updated.

use std::time::Duration;

use app::model::provider::Provider;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use server::entity::issue;

use crate::support::TestServer;
use crate::support::any_tracker::{base_url, credentials, event_of, issue_of, trackers};
use crate::support::fake_tracker::{FakeResponse, FakeTracker};
use crate::support::tracker::Tracker;

const FAR: &str = "2999-01-01T00:00:00Z";
const PAST: &str = "2026-01-05T09:00:00Z";

async fn start(provider: Provider) -> (TestServer, FakeTracker, Tracker) {
    let server = TestServer::start().await;
    let fake = FakeTracker::start([FakeResponse::json(&issue_of(provider, "As it is now", PAST))]).await;
    let tracker = server.tracker(provider, &fake.base, credentials()).await;
    (server, fake, tracker)
}

/// As an older release stored it.
async fn freeze(server: &TestServer, tracker: &Tracker) {
    let (project, far) = (tracker.project, FAR.parse::<DateTime<Utc>>().unwrap());
    server
        .insert(move |db| {
            Box::pin(async move {
                issue::Entity::update_many()
                    .col_expr(issue::Column::TrackerUpdatedAt, Expr::value(far))
                    .filter(issue::Column::ProjectId.eq(project))
                    .exec(db)
                    .await
                    .map(drop)
            })
        })
        .await;
}

/// Syncs the issue as "Sync now" does, and waits until it matches.
async fn sync_now(server: &TestServer, tracker: &Tracker) {
    let id = server.only_issue(tracker).await.id;
    let reply = server.api(&tracker.owner).await.post(&format!("/issues/{id}/sync"), &json!({})).await;
    assert!(reply.status < 300, "{} {}", reply.status, reply.text);
    server.wait_for_issue(tracker, "the issue is read", |issue| issue.title == "As it is now").await;
}

#[tokio::test]
async fn an_event_after_one_with_a_future_date_is_applied() {
    for provider in trackers() {
        let server = TestServer::start().await;
        let tracker = server.tracker(provider, base_url(provider), None).await;
        assert_eq!(server.send_event(&tracker, event_of(provider, "One", FAR)).await, "created");
        let stored = server.only_issue(&tracker).await.tracker_updated_at.unwrap();
        assert!(stored <= server.state.clock.now() + TimeDelta::minutes(5), "{stored}");
        for (title, time, later) in [("Two", "2026-01-05T10:00:01Z", 1), ("Three", "2026-01-05T10:10:00Z", 600)] {
            server.state.clock.advance(Duration::from_secs(later));
            assert_eq!(server.send_event(&tracker, event_of(provider, title, time)).await, "applied", "{provider:?}");
        }
        assert_eq!(server.send_event(&tracker, event_of(provider, "Late", "2026-01-05T10:05:00Z")).await, "unchanged");
        assert_eq!(server.only_issue(&tracker).await.title, "Three");
        server.stop().await;
    }
}

#[tokio::test]
async fn an_event_replaces_a_stored_future_date() {
    for provider in trackers() {
        let server = TestServer::start().await;
        let tracker = server.tracker(provider, base_url(provider), None).await;
        server.send_event(&tracker, event_of(provider, "One", PAST)).await;
        freeze(&server, &tracker).await;
        let edit = event_of(provider, "Two", "2026-01-05T10:00:01Z");
        assert_eq!(server.send_event(&tracker, edit).await, "applied", "{provider:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn sync_now_replaces_a_future_date() {
    for provider in trackers() {
        for frozen in [false, true] {
            let (server, _fake, tracker) = start(provider).await;
            server.send_event(&tracker, event_of(provider, "One", FAR)).await;
            if frozen {
                freeze(&server, &tracker).await;
            }
            sync_now(&server, &tracker).await;
            assert_eq!(server.only_issue(&tracker).await.tracker_updated_at, Some(PAST.parse().unwrap()));
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn the_sync_after_an_event_replaces_its_future_date() {
    for provider in trackers() {
        // Also within the tolerance, because the time is still in the future when the issue is
        // read.
        for time in [FAR, "2026-01-05T10:04:00Z"] {
            let (server, _fake, tracker) = start(provider).await;
            server.send_event(&tracker, event_of(provider, "One", time)).await;
            server.state.clock.advance(Duration::from_secs(1));
            server.wait_for_issue(&tracker, "the issue is read", |issue| issue.title == "As it is now").await;
            server.stop().await;
        }
    }
}

#[tokio::test]
async fn an_event_after_a_sync_with_a_future_date_is_applied() {
    for provider in trackers() {
        let (server, fake, tracker) = start(provider).await;
        server.send_event(&tracker, event_of(provider, "One", PAST)).await;
        fake.respond_with([FakeResponse::json(&issue_of(provider, "As it is now", FAR))]);
        sync_now(&server, &tracker).await;
        let edit = event_of(provider, "Two", "2026-01-05T10:00:01Z");
        assert_eq!(server.send_event(&tracker, edit).await, "applied", "{provider:?}");
        server.stop().await;
    }
}
