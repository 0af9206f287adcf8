//! Pauses that an endpoint asks for with `Retry-After`.

use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::policy::RETRY_SCHEDULE;
use app::model::webhook::Health;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const SECOND: Duration = Duration::from_secs(1);

fn wait(seconds: u64) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", seconds.to_string())]).into_response()
}

#[tokio::test]
async fn a_request_to_wait_pauses_without_a_failure() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| if n < 3 { wait(20) } else { StatusCode::OK.into_response() };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("One").await;
    let asked = fixture.wait_for_attempts(webhook, 1).await.delivery;
    let until = fixture.state().clock.now() + 20 * SECOND;
    assert_eq!((asked.status, asked.next_attempt_at, asked.max_attempts), (DeliveryStatus::Failed, Some(until), 9));
    fixture.issue("Two").await;
    let api = fixture.server.api(&fixture.ada).await.get(&format!("/webhooks/{webhook}")).await;
    assert_eq!(api.json["pausedUntil"].as_str().unwrap().parse(), Ok(until), "{}", api.text);
    let page = fixture.server.page(&fixture.ada, &format!("/projects/{}/settings/webhooks", fixture.project)).await;
    assert!(page.contains("Paused until 5 Jan 2026, 10:00:20 UTC: the endpoint asked to wait."));
    for requests in 1..=2 {
        let card = fixture.wait_for_card(webhook, "paused", |card| card.paused_until.is_some()).await;
        assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0));
        fixture.advance(19 * SECOND);
        fixture.dispatch_idle().await;
        receiver.requests(requests).await;
        fixture.advance(2 * SECOND);
        receiver.requests(requests + 1).await;
    }
    fixture.wait_for_card(webhook, "paused", |card| card.paused_until.is_some()).await;
    fixture
        .advance_until(SECOND, "both arrive", async || {
            let deliveries = fixture.deliveries(webhook).await;
            deliveries.iter().all(|detail| detail.delivery.status == DeliveryStatus::Delivered)
        })
        .await;
    let card = fixture.card(webhook).await;
    assert_eq!((card.health, card.paused_until, card.health_change), (Health::Healthy, None, None));
    receiver.requests(5).await;
}

#[tokio::test]
async fn a_pause_survives_a_restart_and_holds_on_every_node() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| if n == 0 { wait(60) } else { StatusCode::OK.into_response() };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("One").await;
    fixture.wait_for_attempts(webhook, 1).await;
    let OutboundFixture { server, ada, project } = fixture;
    let fixture = OutboundFixture { server: server.restart(async |_| {}).await, ada, project };
    let node = fixture.server.second_node().await;
    fixture.issue("Two").await;
    fixture.advance(58 * SECOND);
    let idle = async || {
        fixture.dispatch_idle().await;
        if let Some(node) = &node {
            node.dispatch_idle(0).await;
        }
    };
    idle().await;
    receiver.requests(1).await;
    fixture.advance(3 * SECOND);
    fixture
        .advance_until(SECOND, "both arrive", async || {
            idle().await;
            receiver.requests_so_far().len() == 3
        })
        .await;
    if let Some(node) = node {
        node.stop().await;
    }
}

#[tokio::test]
async fn endless_requests_to_wait_count_as_failures() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| wait(3600)).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It waits").await;
    let schedule: Duration = RETRY_SCHEDULE.iter().sum();
    let pauses = u32::try_from(schedule.as_secs() / 3600).unwrap() + 1;
    for attempt in 1..=pauses {
        let waiting = fixture.wait_for_attempts(webhook, attempt).await.delivery;
        assert_eq!(waiting.status, DeliveryStatus::Failed);
        assert_eq!(fixture.card(webhook).await.consecutive_failures, 0);
        fixture.advance(60 * 60 * SECOND);
    }
    fixture.wait_for_attempts(webhook, pauses + 1).await;
    assert_eq!(fixture.wait_for_failures(webhook, 1).await.health, Health::Healthy);
}
