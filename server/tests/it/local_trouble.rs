//! A failure of this machine is not the endpoint's failure.

use std::time::Duration;

use app::model::delivery::{DeliveryDetail, DeliveryStatus};
use app::model::webhook::Health;
use serde_json::json;
use server::clock::Clock;

use crate::support::binary::{ServerProcess, create_admin_token};
use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;
use crate::support::{eventually, run_ready_tasks};

#[tokio::test]
async fn a_stalled_process_counts_no_attempt() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    for n in 0..3 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(3).await;
    // The process was suspended for 20 seconds. Responses that arrived meanwhile are still read.
    fixture.advance(Duration::from_secs(20));
    run_ready_tasks().await;
    fixture.advance(Duration::from_secs(2));
    let released = |detail: &DeliveryDetail| {
        detail.delivery.error.as_deref().is_some_and(|error| error.starts_with("Not counted"))
    };
    let deliveries = eventually("all are released", async || {
        Some(fixture.deliveries(webhook).await).filter(|deliveries| deliveries.iter().all(released))
    })
    .await;
    for DeliveryDetail { delivery, attempts, .. } in deliveries {
        assert_eq!((delivery.status, delivery.attempt_count, attempts.len()), (DeliveryStatus::Pending, 0, 0));
    }
    let card = fixture.card(webhook).await;
    assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0));
    fixture.dispatch_idle().await;
    assert_eq!(receiver.requests_so_far(), 3, "they wait for a moment");
    fixture.advance(Duration::from_secs(11));
    receiver.answered(6).await;
    // A timeout without a suspension is the endpoint's failure.
    fixture.advance(Duration::from_secs(10));
    fixture.wait_for_failures(webhook, 3).await;
}

#[tokio::test]
async fn a_response_received_during_a_stall_counts() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(1)).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.requests(1).await;
    fixture.advance(Duration::from_secs(20));
    let delivered = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_process_disables_no_webhook() {
    const DELIVERIES: usize = 12;
    let folder = tempfile::tempdir().unwrap();
    let token = create_admin_token(folder.path());
    let server = ServerProcess::start(folder.path());
    let receiver = Receiver::slow(Clock::system(), Duration::from_secs(2)).await;
    let project = server.post("/api/v1/projects", &token, &json!({"key": "STOP", "name": "Stop"})).await.json;
    let project = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let policy = json!({"timeoutSeconds": 3});
    let webhook = json!({"name": "Receiver", "url": receiver.url("/"), "events": ["issue.created"], "policy": policy});
    let created = server.post(&format!("{project}/webhooks"), &token, &webhook).await;
    assert_eq!(created.status, 201, "{}", created.text);
    for n in 0..DELIVERIES {
        let created = server.post(&format!("{project}/issues"), &token, &json!({"title": format!("Issue {n}")})).await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
    receiver.wait_for_at_least(4).await;
    server.signal("STOP");
    // Nothing happens that could be waited for: the process is stopped, and its clocks are real. This is the
    // shortest suspension that is recognized, more than a second longer than the timeout.
    tokio::time::sleep(Duration::from_millis(4_200)).await;
    server.signal("CONT");
    receiver.wait_for_at_least(DELIVERIES).await;
    let card = eventually("a delivery after the stop", async || {
        let page = server.get(&format!("{project}/webhooks"), &token).await.json;
        let card = page["items"][0].clone();
        card["lastSuccessAt"].is_string().then_some(card)
    })
    .await;
    assert_eq!((card["health"].as_str(), card["consecutiveFailures"].as_u64()), (Some("healthy"), Some(0)), "{card}");
    assert!(card["lastFailureAt"].is_null(), "{card}");
}
