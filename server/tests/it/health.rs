//! The health of webhooks: how failures and successes change it, and what users see.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::live::ChangeKind;
use app::model::policy::DEGRADED_PAUSES;
use app::model::webhook::{Health, HeldDeliveriesAction, SendTest};
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use server::entity::webhook;

use crate::support::inbound::event;
use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const SECOND: Duration = Duration::from_secs(1);
const ERROR: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;

#[tokio::test]
async fn five_failed_deliveries_degrade_and_ten_disable() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| ERROR).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for failures in 1..=5 {
        fixture.issue(&format!("Issue {failures}")).await;
        let card = fixture.wait_for_failures(webhook, failures).await;
        assert_eq!(card.health, if failures < 5 { Health::Healthy } else { Health::Degraded });
        assert_eq!((card.last_success_at, card.last_failure_at), (None, Some(fixture.state().clock.now())));
    }
    for failures in 6..=11 {
        fixture.issue(&format!("Issue {failures}")).await;
    }
    for (pause, failures) in DEGRADED_PAUSES.into_iter().zip(6..) {
        fixture.advance(pause.checked_sub(SECOND / 10).unwrap());
        fixture.dispatch_idle().await;
        receiver.requests(failures as usize - 1).await;
        fixture.advance(SECOND / 10 + SECOND);
        let card = fixture.wait_for_failures(webhook, failures).await;
        receiver.requests(failures as usize).await;
        assert_eq!(card.health, if failures < 10 { Health::Degraded } else { Health::Disabled });
    }
    assert_eq!(fixture.card(webhook).await.held_count, 11);
    fixture.advance(60 * 60 * SECOND);
    fixture.dispatch_idle().await;
    receiver.requests(10).await;
    let eleventh = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!((eleventh.status, eleventh.attempt_count, eleventh.next_attempt_at), (DeliveryStatus::Held, 0, None));
}

#[tokio::test]
async fn a_delivery_counts_once_however_often_it_is_retried() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n == 4 { StatusCode::OK } else { StatusCode::BAD_GATEWAY }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    for attempt in 1..=4 {
        fixture.wait_for_attempts(webhook, attempt).await;
        assert_eq!(fixture.card(webhook).await.consecutive_failures, 1);
        fixture.advance(3 * 60 * 60 * SECOND);
    }
    let delivered = fixture.wait_for_attempts(webhook, 5).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(fixture.card(webhook).await.consecutive_failures, 0, "a retry is a success like any other");
    fixture.state().replay_delivery(&fixture.ada, delivered.delivery.id).await.unwrap();
    assert_eq!(
        fixture.wait_for_failures(webhook, 1).await.health,
        Health::Healthy,
        "a replay is a delivery of its own"
    );
}

#[tokio::test]
async fn a_minute_of_trouble_disables_and_loses_nothing() {
    let fixture = OutboundFixture::start().await;
    let broken = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let state = broken.clone();
    let answer = move |_| if state.load(std::sync::atomic::Ordering::SeqCst) { ERROR } else { StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for n in 0..40 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    fixture.wait_for_card(webhook, "degraded", |card| card.health == Health::Degraded).await;
    for _ in 0..58 {
        fixture.dispatch_idle().await;
        assert_eq!(fixture.card(webhook).await.health, Health::Degraded);
        fixture.advance(SECOND);
    }
    broken.store(false, std::sync::atomic::Ordering::SeqCst);
    fixture
        .advance_until(10 * SECOND, "all arrive", async || {
            let deliveries = fixture.deliveries(webhook).await;
            let arrived = |status| status == DeliveryStatus::Delivered;
            deliveries.len() == 40 && deliveries.iter().all(|detail| arrived(detail.delivery.status))
        })
        .await;
    let card = fixture.card(webhook).await;
    assert_eq!((card.health, card.consecutive_failures, card.held_count), (Health::Healthy, 0, 0));
}

#[tokio::test]
async fn failures_in_flight_together_degrade_and_no_more() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&Receiver::start().await.url("/")).await.webhook.id;
    fixture.raise_concurrency(webhook, 12).await;
    fixture.set_url(webhook, receiver.url()).await;
    for n in 0..12 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(12).await;
    fixture.advance(10 * SECOND);
    eventually("all have failed", async || {
        let deliveries = fixture.deliveries(webhook).await;
        let failed = deliveries.iter().filter(|detail| detail.delivery.error.is_some()).count();
        (failed == 12).then_some(())
    })
    .await;
    let card = fixture.card(webhook).await;
    assert_eq!((card.health, card.consecutive_failures), (Health::Degraded, 5));
}

#[tokio::test]
async fn a_degraded_webhook_sends_one_delivery_at_a_time() {
    let fixture = OutboundFixture::start().await;
    let failing = Receiver::answering(|_| ERROR).await;
    let webhook = fixture.webhook(&failing.url("/")).await.webhook.id;
    for failures in 1..=5 {
        fixture.issue("It breaks").await;
        fixture.wait_for_failures(webhook, failures).await;
    }
    let mut hanging = RawReceiver::hanging().await;
    let url = app::model::webhook::UpdateWebhook { url: Some(hanging.url()), ..Default::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, url).await.unwrap();
    for n in 0..3 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    fixture.advance(SECOND);
    hanging.answered(1).await;
    fixture.advance(2 * SECOND);
    fixture.server.dispatch_idle(1).await;
    assert_eq!(hanging.requests_so_far(), 1);
    let elsewhere = server::dispatch::delivery_queue::held::claim_oldest(fixture.state(), webhook).await.unwrap();
    assert!(elsewhere.is_none(), "also on another node");
}

#[tokio::test]
async fn a_test_never_counts_as_a_failure_but_as_a_success() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| match n {
        0..5 => StatusCode::NOT_FOUND,
        5..20 => StatusCode::BAD_GATEWAY,
        20 => StatusCode::GONE,
        _ => StatusCode::OK,
    })
    .await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for failures in 1..=5 {
        fixture.issue("It breaks").await;
        fixture.wait_for_failures(webhook, failures).await;
    }
    for tests in 1..=16 {
        fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
        receiver.requests(5 + tests).await;
        fixture.wait_for_newest_attempt(webhook).await;
        let card = fixture.card(webhook).await;
        assert_eq!((card.health, card.consecutive_failures), (Health::Degraded, 5));
    }
    fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    let card = fixture.wait_for_failures(webhook, 0).await;
    assert_eq!(card.health, Health::Healthy);
    assert_eq!(card.health_change.unwrap().reason, "A test succeeded.");
}

#[tokio::test]
async fn each_change_of_health_is_sent_live_and_audited() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n < 5 { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for times in 1..=5 {
        fixture.issue("It breaks").await;
        fixture.wait_for_failures(webhook, times).await;
    }
    // A change is readable before it is published.
    fixture.dispatch_idle().await;
    let mut live = fixture.server.changes(fixture.project);
    fixture.issue("It works").await;
    fixture.advance(3 * SECOND);
    let card = fixture.wait_for_failures(webhook, 0).await;
    fixture.dispatch_idle().await;
    assert_eq!(card.health, Health::Healthy);
    assert!(card.last_success_at.is_some() && card.last_failure_at.is_some());
    let mut kinds = Vec::new();
    while let Ok(change) = live.try_recv() {
        kinds.push(change.change.kind);
    }
    assert!(kinds.contains(&ChangeKind::WebhookChanged { webhook_id: webhook }), "{kinds:?}");

    let degraded = "Healthy → Degraded: 5 consecutive deliveries failed. The last error: The endpoint responded with 502 Bad Gateway.";
    let healthy = "Degraded → Healthy: A delivery succeeded.";
    assert_eq!(fixture.audit_details(AuditAction::WebhookHealth).await, [degraded, healthy]);
    let entry = fixture.audit_log().await.pop().unwrap();
    assert_eq!((entry.actor_id, entry.subject, entry.subject_name.as_str()), (None, webhook.to_string(), "Receiver"));
}

#[tokio::test]
async fn an_endpoint_that_responds_gone_is_disabled_at_once() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let card = fixture.wait_for_failures(webhook, 1).await;
    assert_eq!((card.health, card.held_count), (Health::Disabled, 0));
    let details = fixture.audit_details(AuditAction::WebhookHealth).await;
    assert_eq!(details, ["Healthy → Disabled: The endpoint responded with 410 Gone."]);
}

#[tokio::test]
async fn a_test_does_not_change_the_reason_on_the_card() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n < 10 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.fail_until_disabled(webhook).await;
    let disabled_at = fixture.state().clock.now();
    let last = fixture.deliveries(webhook).await.remove(0).delivery;
    fixture.issue("It is held").await;
    fixture.advance(60 * SECOND);
    let test = fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    let card = fixture.wait_for_card(webhook, "the test arrived", |card| card.last_success_at.is_some()).await;
    assert_eq!((card.health, card.consecutive_failures, card.held_count), (Health::Disabled, 10, 11));
    let requests = receiver.requests(11).await;
    assert_eq!(requests[10].header("webhook-id"), test.event_id.unwrap().to_string());

    let reason = "10 consecutive deliveries failed. The last error: The endpoint responded with 502 Bad Gateway.";
    let api = fixture.server.api(&fixture.ada).await.get(&format!("/webhooks/{webhook}")).await.json;
    assert_eq!(api["healthChange"]["reason"], reason);
    assert_eq!(api["healthChange"]["at"].as_str().unwrap().parse(), Ok(disabled_at));
    assert_eq!(api["healthChange"]["deliveryId"], last.id.to_string());
    assert_eq!(api["healthChange"]["attempt"], 1);
    assert_eq!(api["consecutiveFailures"], 10);
    assert_eq!(api["disabledAfter"], 10);
    let page = fixture.server.page(&fixture.ada, &format!("/projects/{}/settings/webhooks", fixture.project)).await;
    assert!(page.contains(reason) && !page.contains("410 Gone"), "the card says the reason that was stored");
    assert!(page.contains("The endpoint has accepted a request since then."));
    assert!(page.contains("Re-enable webhook"));

    let card = fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let change = card.health_change.unwrap();
    assert_eq!((change.reason.as_str(), change.delivery_id), ("Re-enabled by Ada.", None));
}

#[tokio::test]
async fn a_card_counts_the_consecutive_failures_of_ten() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| ERROR).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for failures in 1..=3 {
        fixture.issue("It breaks").await;
        fixture.wait_for_failures(webhook, failures).await;
    }
    let page = fixture.server.page(&fixture.ada, &format!("/projects/{}/settings/webhooks", fixture.project)).await;
    assert!(page.contains("3 of 10 consecutive failures"));
}

#[tokio::test]
async fn a_change_without_a_stored_reason_claims_none() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    let row = webhook::ActiveModel {
        id: Set(webhook),
        health_reason: Set(None),
        health_changed_at: Set(None),
        consecutive_failures: Set(0),
        ..Default::default()
    };
    fixture
        .server
        .insert(move |db| Box::pin(async move { webhook::Entity::update(row).exec(db).await.map(drop) }))
        .await;
    let page = fixture.server.page(&fixture.ada, &format!("/projects/{}/settings/webhooks", fixture.project)).await;
    assert!(page.contains("The reason was not recorded. Nothing is sent.") && !page.contains("410 Gone"));
}

#[tokio::test]
async fn an_unsent_delivery_is_no_failure_of_the_endpoint() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let row = webhook::ActiveModel { id: Set(webhook), url: Set(Some(vec![1, 2, 3])), ..Default::default() };
    fixture
        .server
        .insert(move |db| Box::pin(async move { webhook::Entity::update(row).exec(db).await.map(drop) }))
        .await;
    fixture.issue("It breaks").await;
    let detail = fixture.wait_for_attempts(webhook, 1).await;
    assert!(detail.delivery.error.unwrap().contains("can't be decrypted"));
    assert_eq!(detail.attempts[0].destination, None);
    assert_eq!(fixture.card(webhook).await.consecutive_failures, 0);
    assert!(receiver.requests_so_far().is_empty());
}

#[tokio::test]
async fn an_inbound_webhook_degrades_and_goes_on_receiving() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let health = async || {
        let card = server.state.webhook(&github.owner, github.webhook).await.unwrap();
        (card.health, card.consecutive_failures)
    };
    for times in 1..=11 {
        assert_eq!(server.deliver(&github, "issues", "not json").await.0, 400);
        let expected = if times < 5 { Health::Healthy } else { Health::Degraded };
        assert_eq!(health().await, (expected, times));
    }
    let card = server.state.webhook(&github.owner, github.webhook).await.unwrap();
    assert_eq!(card.disabled_after, None);
    assert!(card.health_change.unwrap().reason.starts_with("5 consecutive events were refused."));
    // A caller without the secret changes nothing.
    let stranger = server.inbound(&github.token).header("content-type", "application/json").body("{}");
    assert_eq!(stranger.send().await.unwrap().status(), 401);
    assert_eq!(health().await, (Health::Degraded, 11));
    assert_eq!(server.outcome(&github, "issues", event("opened", "It breaks", 1)).await, "created");
    eventually("healthy again", async || (health().await == (Health::Healthy, 0)).then_some(())).await;
}
