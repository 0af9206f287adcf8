//! The health of webhooks: what failures and successes make of it, and what a person is told.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::live::What;
use app::model::webhook::Health;
use app::service::Webhooks;
use http::StatusCode;

use crate::support::inbound::event;
use crate::support::outbound::Sender;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

#[tokio::test]
async fn five_failures_in_a_row_degrade_ten_disable_and_the_eleventh_delivery_is_not_attempted() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    for times in 1..=10 {
        sender.issue(&format!("Issue {times}")).await;
        let card = sender.failed(webhook, times).await;
        let expected = match times {
            0..5 => Health::Healthy,
            5..10 => Health::Degraded,
            _ => Health::Disabled,
        };
        assert_eq!(card.health, expected, "{times}");
        assert_eq!((card.last_success_at, card.last_failure_at), (None, Some(sender.core().clock.now())));
    }
    assert_eq!(sender.card(webhook).await.held, 10, "what waited for its second attempt");
    sender.issue("Issue 11").await;
    assert_eq!(sender.card(webhook).await.held, 11);
    sender.advance(Duration::from_secs(60 * 60));
    sender.settle().await;
    receiver.requests(10).await;
    let eleventh = sender.deliveries(webhook).await.remove(0).delivery;
    assert_eq!((eleventh.status, eleventh.attempts, eleventh.next_attempt_at), (DeliveryStatus::Held, 0, None));
}

#[tokio::test]
async fn each_change_of_health_is_told_live_and_audited_as_testbells_own_deed() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n < 6 { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    for times in 1..=6 {
        sender.issue("It breaks").await;
        sender.failed(webhook, times).await;
    }
    let mut live = sender.core().hub.subscribe(sender.project, None).0;
    sender.issue("It works").await;
    let card = sender.failed(webhook, 0).await;
    assert_eq!(card.health, Health::Healthy);
    assert!(card.last_success_at.is_some() && card.last_failure_at.is_some());
    let mut told = Vec::new();
    while let Ok(change) = live.try_recv() {
        told.push(change.change.what);
    }
    assert!(told.contains(&What::WebhookChanged { webhook_id: webhook }), "{told:?}");

    let degraded = "Healthy -> Degraded: 5 attempts in a row have failed.";
    let healthy = "Degraded -> Healthy: an attempt succeeded.";
    assert_eq!(sender.audited(AuditAction::WebhookHealth).await, [degraded, healthy]);
    let entry = sender.audit_log().await.pop().unwrap();
    assert_eq!((entry.actor_id, entry.subject, entry.subject_name.as_str()), (None, webhook.to_string(), "Receiver"));
}

#[tokio::test]
async fn an_endpoint_that_says_gone_is_disabled_at_once() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    let card = sender.failed(webhook, 1).await;
    assert_eq!((card.health, card.held), (Health::Disabled, 0));
    let said = sender.audited(AuditAction::WebhookHealth).await;
    assert_eq!(said, ["Healthy -> Disabled: the endpoint answered 410 Gone."]);
}

#[tokio::test]
async fn retries_and_tests_count_like_first_attempts() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::NOT_FOUND).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    for times in 1..=4 {
        sender.failed(webhook, times).await;
        if times < 4 {
            sender.advance(Duration::from_secs(3 * 60 * 60));
        }
    }
    sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    assert_eq!(sender.failed(webhook, 5).await.health, Health::Degraded);
}

#[tokio::test]
async fn a_test_goes_out_while_disabled_and_its_success_does_not_enable() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n < 10 { StatusCode::NOT_FOUND } else { StatusCode::OK }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.disable(webhook).await;
    sender.issue("It is held").await;
    let test = sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    let card = sender.failed(webhook, 0).await;
    assert_eq!((card.health, card.held), (Health::Disabled, 1));
    assert!(card.last_success_at.is_some());
    let requests = receiver.requests(11).await;
    assert_eq!(requests[10].header("webhook-id"), test.event_id.unwrap().to_string());
}

#[tokio::test]
async fn what_is_under_way_when_it_comes_to_that_counts_and_is_held() {
    let sender = Sender::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = sender.webhook(&receiver.url()).await.webhook.id;
    for n in 0..12 {
        sender.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(12).await;
    sender.advance(Duration::from_secs(10));
    let card = sender.failed(webhook, 12).await;
    assert_eq!(card.health, Health::Disabled);
    sender.card_when(webhook, "all are held", |card| card.held == 12).await;
    sender.advance(Duration::from_secs(24 * 60 * 60));
    sender.settle().await;
    assert_eq!(receiver.so_far(), 12);
    let deliveries = sender.deliveries(webhook).await;
    assert!(deliveries.iter().all(|detail| detail.delivery.attempts == 1));
}

#[tokio::test]
async fn an_inbound_webhook_degrades_by_refusals_but_goes_on_receiving() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let health = async || {
        let card = server.core.webhook(&github.owner, github.webhook).await.unwrap();
        (card.health, card.consecutive_failures)
    };
    for times in 1..=11 {
        assert_eq!(server.deliver(&github, "issues", "not json").await.0, 400);
        let expected = if times < 5 { Health::Healthy } else { Health::Degraded };
        assert_eq!(health().await, (expected, times));
    }
    // Whoever does not hold the secret changes nothing.
    let stranger = server.inbound(&github.token).header("content-type", "application/json").body("{}");
    assert_eq!(stranger.send().await.unwrap().status(), 401);
    assert_eq!(health().await, (Health::Degraded, 11));
    assert_eq!(server.outcome(&github, "issues", event("opened", "It breaks", 1)).await, "created");
    eventually("healthy again", async || (health().await == (Health::Healthy, 0)).then_some(())).await;
}
