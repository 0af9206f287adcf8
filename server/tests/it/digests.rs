//! Digests of chat tools: at most one message per interval.

mod batches;
mod filter;
mod locks;
mod projects;
mod queue;

use std::time::Duration;

use app::model::catalog::EventType;
use app::model::delivery::ManualAction;
use app::model::delivery_policy::PolicyChange;
use app::model::destination::DestinationKind;
use app::model::digest::DIGEST_EVENT;
use app::model::id::{DeliveryId, WebhookId};
use app::model::webhook::UpdateWebhook;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use server::entity::delivery::{self, StoredStatus};

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::platform::Platform;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

const CHAT_TOOLS: [DestinationKind; 4] =
    [DestinationKind::Slack, DestinationKind::Teams, DestinationKind::Discord, DestinationKind::GoogleChat];

async fn set_policy(fixture: &OutboundFixture, webhook: WebhookId, policy: PolicyChange) {
    let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
}

async fn set_digest(fixture: &OutboundFixture, webhook: WebhookId, minutes: u32) {
    set_policy(fixture, webhook, PolicyChange { digest_minutes: Some(minutes), ..PolicyChange::default() }).await;
}

/// A webhook with a digest every five minutes.
async fn with_digest(platform: &Platform) -> WebhookId {
    let webhook = platform.webhook().await.webhook.id;
    set_digest(&platform.fixture, webhook, 5).await;
    webhook
}

/// Lets time pass second by second until `is_reached`. No second passes while a request is in flight.
async fn pass(platform: &Platform, what: &str, mut is_reached: impl AsyncFnMut() -> bool) {
    eventually(what, async || {
        platform.fixture.dispatch_idle().await;
        if is_reached().await {
            return Some(());
        }
        platform.fixture.advance(SECOND);
        None
    })
    .await;
}

/// The bodies of so many requests, while time passes.
async fn messages(platform: &Platform, count: usize) -> Vec<String> {
    pass(platform, "a message", async || platform.receiver.requests_so_far().len() >= count).await;
    let requests = platform.receiver.requests(count).await;
    requests.iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect()
}

/// All deliveries of a webhook, newest first.
async fn rows(platform: &Platform, webhook: WebhookId) -> Vec<delivery::Model> {
    let rows = delivery::Entity::find().filter(delivery::Column::WebhookId.eq(webhook));
    rows.order_by_desc(delivery::Column::Id).all(platform.fixture.state().store.read()).await.unwrap()
}

fn count(rows: &[delivery::Model], status: StoredStatus) -> usize {
    rows.iter().filter(|row| row.status == status).count()
}

/// Waits until so many deliveries have the status.
async fn wait_for(
    platform: &Platform,
    webhook: WebhookId,
    status: StoredStatus,
    wanted: usize,
) -> Vec<delivery::Model> {
    let what = format!("{wanted} deliveries {status:?}");
    pass(platform, &what, async || count(&rows(platform, webhook).await, status) == wanted).await;
    rows(platform, webhook).await
}

/// The only digest among the deliveries.
fn digest_of(rows: &[delivery::Model]) -> DeliveryId {
    let digests: Vec<_> = rows.iter().filter(|row| row.event_type == DIGEST_EVENT).collect();
    assert_eq!(digests.len(), 1);
    digests[0].id
}

/// Also writes the messages for `cargo xtask test interop`.
#[tokio::test]
async fn a_digest_sums_up_events_on_every_chat_tool() {
    for kind in CHAT_TOOLS {
        let platform = Platform::start(kind).await;
        let webhook = with_digest(&platform).await;
        for &event in EventType::ALL {
            let data = serde_json::to_value(event.sample()).unwrap()["data"].take();
            platform.emit(event, data).await;
        }
        for nth in 0..12 {
            platform.fixture.issue(&format!("Total {nth} is wrong")).await;
        }
        platform.fixture.advance(5 * MINUTE - SECOND);
        platform.fixture.dispatch_idle().await;
        assert!(platform.receiver.requests_so_far().is_empty(), "{kind}");
        let waiting = platform.fixture.deliveries(webhook).await.remove(0);
        assert!(waiting.delivery.collected);
        let due_at = waiting.digest_part.unwrap().due_at.unwrap();
        assert_eq!(due_at - waiting.delivery.created_at, chrono::TimeDelta::minutes(5));

        platform.fixture.advance(SECOND);
        let message = platform.receiver.requests(1).await.remove(0).body;
        let text = String::from_utf8_lossy(&message).replace('\\', "");
        let total = EventType::ALL.len() + 12;
        for part in [&*format!("{total} events"), "Issue created: 13", "Other events", "Total 11 is wrong", "WEB"] {
            assert!(text.contains(part), "{kind}: {part} in {text}");
        }
        assert!(!text.contains("Total 6 is wrong"), "{kind}: the newest few only: {text}");
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("messages").join(kind.as_str());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("webhook.digest.json"), &message).unwrap();

        let rows = wait_for(&platform, webhook, StoredStatus::Delivered, total + 1).await;
        let digest = digest_of(&rows);
        assert!(rows.iter().all(|row| row.id == digest || row.digest_delivery_id == Some(digest)), "{kind}");
        let detail = platform.fixture.state().delivery(&platform.fixture.ada, digest).await.unwrap();
        assert_eq!(detail.digest_part.unwrap().covered, Some(u32::try_from(total).unwrap()));
        assert_eq!(platform.receiver.requests_so_far().len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn five_thousand_events_are_one_message() {
    let platform = Platform::start(DestinationKind::Discord).await;
    let webhook = with_digest(&platform).await;
    let data = serde_json::to_value(EventType::IssueCreated.sample()).unwrap()["data"].take();
    for _ in 0..10 {
        platform.emit_many(EventType::IssueCreated, &data, 500).await;
    }
    platform.fixture.advance(5 * MINUTE);
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("5000 events"), "{message}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 5001).await;
    assert_eq!(platform.receiver.requests_so_far().len(), 1);
}

#[tokio::test]
async fn a_single_event_is_its_own_message() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("Total is wrong").await;
    platform.fixture.advance(5 * MINUTE);
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("Issue created") && message.contains("Total is wrong"), "{message}");
    let rows = wait_for(&platform, webhook, StoredStatus::Delivered, 1).await;
    assert_eq!((rows.len(), rows[0].event_type.as_str(), rows[0].digest_delivery_id), (1, "issue.created", None));
}

#[tokio::test]
async fn a_retried_digest_has_the_same_content_and_the_next_one_keeps_the_interval() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Slack, answer).await;
    let webhook = with_digest(&platform).await;
    set_policy(&platform.fixture, webhook, PolicyChange { retry_delays: Some(vec![500]), ..PolicyChange::default() })
        .await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    // It is collected, and not added to the digest that failed.
    platform.fixture.issue("Three").await;
    platform.fixture.issue("Four").await;
    let sent = messages(&platform, 2).await;
    assert_eq!(sent[0], sent[1]);
    assert!(!sent[0].contains("Three"));
    let retried_at = platform.fixture.state().clock.now();
    wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;
    let sent = messages(&platform, 3).await;
    assert!(sent[2].contains("2 events") && sent[2].contains("Four"), "{}", sent[2]);
    let passed = platform.fixture.state().clock.now() - retried_at;
    assert!(passed >= chrono::TimeDelta::seconds(299), "{passed}");
}

#[tokio::test]
async fn a_restart_continues_a_digest() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let mut platform = Platform::answering(DestinationKind::Slack, answer).await;
    let webhook = with_digest(&platform).await;
    for title in ["One", "Two", "Three"] {
        platform.fixture.issue(title).await;
    }
    platform = platform.restarted().await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    platform = platform.restarted().await;
    let sent = messages(&platform, 2).await;
    assert_eq!(sent[0], sent[1]);
    let rows = wait_for(&platform, webhook, StoredStatus::Delivered, 4).await;
    digest_of(&rows);
}

#[tokio::test]
async fn what_a_failed_digest_covers_is_exhausted_and_retried_with_it() {
    let answer = |nth: usize| if nth == 0 { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Discord, answer).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    let rows = wait_for(&platform, webhook, StoredStatus::Failed, 3).await;
    let digest = digest_of(&rows);
    assert!(rows.iter().all(|row| row.status_code == Some(400) && row.finished_at.is_some()));
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    let covered = rows.iter().find(|row| row.id != digest).unwrap().id;
    for action in [ManualAction::Retry, ManualAction::Cancel] {
        let refused = state.change_delivery(ada, covered, action).await;
        assert!(refused.unwrap_err().to_string().contains("A digest covers it"));
    }
    state.change_delivery(ada, digest, ManualAction::Retry).await.unwrap();
    let sent = messages(&platform, 2).await;
    assert_eq!(sent[0], sent[1]);
    wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;

    state.replay_delivery(ada, digest).await.unwrap();
    let sent = messages(&platform, 3).await;
    assert_eq!(sent[0], sent[2], "a replay of a digest is not collected");
    let replay = state.replay_delivery(ada, covered).await.unwrap();
    assert!(replay.collected && replay.digest_delivery_id.is_none());
}

#[tokio::test]
async fn a_delivered_replay_delivers_what_a_failed_digest_covers() {
    let answer = |nth: usize| if nth < 2 { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Discord, answer).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    let found = wait_for(&platform, webhook, StoredStatus::Failed, 3).await;
    let digest = digest_of(&found);
    let covered = found.iter().find(|row| row.id != digest).unwrap().id;
    let api = platform.fixture.server.api(&platform.fixture.ada).await;
    let replay = async || {
        let reply = api.post(&format!("/deliveries/{digest}/replay"), &json!({})).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json["id"].clone()
    };
    // One that fails leaves all as it was.
    replay().await;
    messages(&platform, 2).await;
    let settled = async || {
        let rows = rows(&platform, webhook).await;
        count(&rows, StoredStatus::Failed) == 4
            && rows.iter().all(|row| row.covering_digest() == row.digest_delivery_id)
    };
    pass(&platform, "all failed again", settled).await;
    let failed = api.get(&format!("/deliveries/{covered}")).await.json;
    assert_eq!((&failed["status"], &failed["digestPart"]["deliveredBy"]), (&json!("exhausted"), &json!(null)));

    let delivered = replay().await;
    messages(&platform, 3).await;
    let found = wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;
    assert!(found.iter().any(|row| row.id == digest && row.status == StoredStatus::Failed), "it has failed itself");
    let shown = api.get(&format!("/deliveries/{covered}")).await.json;
    assert_eq!(
        (&shown["status"], &shown["error"], &shown["statusCode"]),
        (&json!("delivered"), &json!(null), &json!(200))
    );
    assert_eq!((&shown["digestDeliveryId"], &shown["digestPart"]["deliveredBy"]), (&json!(digest), &delivered));
}

#[tokio::test]
async fn a_cancelled_digest_cancels_what_it_covers() {
    let platform = Platform::answering(DestinationKind::Slack, |_| StatusCode::SERVICE_UNAVAILABLE).await;
    let webhook = with_digest(&platform).await;
    set_policy(&platform.fixture, webhook, PolicyChange { retry_delays: Some(vec![9000]), ..PolicyChange::default() })
        .await;
    platform.fixture.issue("One").await;
    let cancelled = platform.fixture.deliveries(webhook).await.remove(0).delivery.id;
    platform.fixture.issue("Two").await;
    platform.fixture.issue("Three").await;
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    // What only waits can be cancelled by itself.
    state.change_delivery(ada, cancelled, ManualAction::Cancel).await.unwrap();
    platform.fixture.advance(5 * MINUTE);
    let sent = messages(&platform, 1).await;
    assert!(sent[0].contains("2 events") && !sent[0].contains("One"), "{}", sent[0]);
    let digest = digest_of(&rows(&platform, webhook).await);
    pass(&platform, "a recorded attempt", async || rows(&platform, webhook).await[0].attempts == 1).await;
    state.change_delivery(ada, digest, ManualAction::Cancel).await.unwrap();
    let rows = wait_for(&platform, webhook, StoredStatus::Discarded, 4).await;
    assert!(rows.iter().all(|row| row.error.as_deref() == Some("Cancelled by Ada.")));
}

#[tokio::test]
async fn only_chat_tools_have_digests() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let refused = api.patch(&format!("/webhooks/{webhook}"), &json!({"policy": {"digestMinutes": 5}})).await;
    assert_eq!((refused.status, refused.json["errors"]["digestMinutes"].is_null()), (422, false), "{}", refused.text);
    let platform = Platform::start(DestinationKind::Slack).await;
    let slack = platform.webhook().await.webhook.id;
    let api = platform.fixture.server.api(&platform.fixture.ada).await;
    let path = format!("/webhooks/{slack}");
    let changed = api.patch(&path, &json!({"policy": {"digestMinutes": 15}})).await;
    assert_eq!((changed.status, &changed.json["policy"]["digestMinutes"]), (200, &json!(15)), "{}", changed.text);
    assert_eq!(api.patch(&path, &json!({"policy": {"digestMinutes": 1441}})).await.status, 422);
    let off = api.patch(&path, &json!({"policy": {"digestMinutes": 0}})).await.json;
    assert_eq!(off["policy"]["digestMinutes"], json!(0));
}
