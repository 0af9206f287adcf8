//! The statistics of a webhook, counted when attempts are recorded.

use std::time::Duration;

use app::model::id::WebhookId;
use app::model::webhook::SendTest;
use app::model::webhook_stats::{StatsPeriod, WebhookStats};
use app::service::Webhooks;
use axum::response::IntoResponse;
use http::StatusCode;
use sea_orm::{EntityTrait, PaginatorTrait};
use server::entity::webhook_stats;

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const HOUR: Duration = Duration::from_secs(60 * 60);

async fn stats(fixture: &OutboundFixture, webhook: WebhookId, period: StatsPeriod) -> WebhookStats {
    fixture.state().webhook_stats(&fixture.ada, webhook, period).await.unwrap()
}

#[tokio::test]
async fn attempts_and_deliveries_are_counted_by_the_hour() {
    let fixture = OutboundFixture::start().await;
    let wait = || (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response();
    let answer = move |n| match n {
        0 => StatusCode::OK.into_response(),
        1 => StatusCode::BAD_GATEWAY.into_response(),
        2 => StatusCode::OK.into_response(),
        3 => StatusCode::NOT_FOUND.into_response(),
        _ => wait(),
    };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("Delivered").await;
    fixture.dispatch_idle().await;
    fixture.issue("Retried").await;
    fixture.dispatch_idle().await;
    fixture.advance(2 * HOUR);
    receiver.requests(3).await;
    fixture.issue("Exhausted").await;
    receiver.requests(4).await;
    fixture.dispatch_idle().await;
    fixture.issue("Asked to wait").await;
    receiver.requests(5).await;
    fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    receiver.requests(6).await;
    fixture.dispatch_idle().await;
    let shown = stats(&fixture, webhook, StatsPeriod::Day).await;
    assert_eq!((shown.delivered, shown.exhausted), (2, 1), "tests and pauses are not counted");
    assert_eq!((shown.attempts, shown.failed_attempts, shown.success_permille), (4, 2, Some(500)));
    let last: Vec<_> = shown.buckets[21..].iter().map(|bucket| (bucket.attempts, bucket.failed_attempts)).collect();
    assert_eq!(last, [(2, 1), (0, 0), (2, 1)]);
    assert!(shown.latency.p50.is_some() && shown.latency.p99 >= shown.latency.p50);
    fixture.advance(23 * HOUR);
    let shown = stats(&fixture, webhook, StatsPeriod::Day).await;
    assert_eq!((shown.attempts, shown.buckets[0].attempts), (2, 2), "the first two are older");
    for period in [StatsPeriod::Week, StatsPeriod::Month] {
        let shown = stats(&fixture, webhook, period).await;
        assert_eq!((shown.attempts, shown.delivered), (4, 2));
        assert_eq!(shown.buckets.iter().map(|bucket| bucket.attempts).sum::<u32>(), 4);
    }
}

#[tokio::test]
async fn a_latency_is_that_of_the_endpoint() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(2)).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    assert_eq!(stats(&fixture, webhook, StatsPeriod::Day).await.latency.p50, None);
    fixture.issue("Slow").await;
    receiver.requests(1).await;
    fixture.advance(Duration::from_secs(2));
    fixture.wait_for_attempts(webhook, 1).await;
    let p50 = stats(&fixture, webhook, StatsPeriod::Day).await.latency.p50.unwrap();
    assert!((1_800..=2_200).contains(&p50), "{p50}");
}

#[tokio::test]
async fn the_api_shows_statistics_of_a_period() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    for (query, period, buckets) in [("", "24h", 24), ("?period=7d", "7d", 28), ("?period=30d", "30d", 30)] {
        let shown = api.get(&format!("/webhooks/{webhook}/stats{query}")).await;
        assert_eq!((shown.status, shown.json["period"].as_str()), (200, Some(period)), "{}", shown.text);
        assert_eq!(shown.json["buckets"].as_array().map(Vec::len), Some(buckets));
        assert!(shown.json["successPermille"].is_null() && shown.json["latency"]["p50"].is_null());
    }
    assert_eq!(api.get(&format!("/webhooks/{webhook}/stats?period=1y")).await.status, 422);
    let github = fixture.server.github().await;
    let inbound = fixture.state().list_webhooks(&github.owner, github.project, Default::default()).await.unwrap();
    let refused = fixture.state().webhook_stats(&github.owner, inbound.items[0].id, StatsPeriod::Day).await;
    assert_eq!(refused.unwrap_err().status(), 422);
}

#[tokio::test]
async fn old_statistics_are_deleted() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("Delivered").await;
    fixture.wait_for_attempts(webhook, 1).await;
    let rows = async || webhook_stats::Entity::find().count(fixture.state().store.read()).await.unwrap();
    assert_eq!(rows().await, 1);
    fixture.advance(30 * 24 * HOUR);
    fixture.dispatch_idle().await;
    assert_eq!(rows().await, 1);
    fixture.advance(2 * 24 * HOUR);
    eventually("old rows are deleted", async || (rows().await == 0).then_some(())).await;
}
