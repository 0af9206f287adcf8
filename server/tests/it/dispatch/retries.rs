use std::time::Duration;

use app::model::delivery::{DeliveryDetail, DeliveryStatus};
use app::service::{Projects, Webhooks};
use http::StatusCode;

use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_retry_has_the_same_id_and_a_new_signature() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;

    let failed = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!(failed.delivery.status, DeliveryStatus::Failed);
    assert_eq!(failed.delivery.error.as_deref(), Some("The endpoint responded with 502 Bad Gateway."));
    let wait = failed.delivery.next_attempt_at.unwrap() - fixture.state().clock.now();
    assert!((4000..=6000).contains(&wait.num_milliseconds()), "{wait}");

    fixture.advance(Duration::from_millis(3900));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
    fixture.advance(Duration::from_millis(2200));
    let delivered = fixture.wait_for_attempts(webhook, 2).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(delivered.delivery.error, None);
    let [first, second] = &receiver.requests(2).await[..] else { unreachable!() };
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    assert!(first.timestamp() < second.timestamp());
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
}

#[tokio::test]
async fn a_delivery_fails_after_eight_attempts() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    for made in 1..8 {
        let pending = fixture.wait_for_attempts(webhook, made).await;
        assert_eq!(pending.delivery.status, DeliveryStatus::Failed);
        fixture.advance(Duration::from_secs(13 * 60 * 60));
    }
    let failed = fixture.wait_for_attempts(webhook, 8).await;
    assert_eq!(failed.delivery.status, DeliveryStatus::Exhausted);
    assert_eq!(failed.delivery.next_attempt_at, None);
    assert_eq!(failed.delivery.attempt_count, failed.delivery.max_attempts);
    assert_eq!(failed.attempts.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
    fixture.advance(Duration::from_secs(48 * 60 * 60));
    fixture.dispatch_idle().await;
    receiver.requests(8).await;

    let webhook = fixture.state().webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!(webhook.consecutive_failures, 1, "it is one delivery");
    assert_eq!(webhook.last_success_at, None);
    assert_eq!(webhook.last_failure_at, webhook.last_dispatched_at);
}

#[tokio::test]
async fn retry_after_delays_the_next_attempt() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")])).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let refused = fixture.wait_for_attempts(webhook, 1).await;
    let wait = refused.delivery.next_attempt_at.unwrap() - fixture.state().clock.now();
    assert_eq!(wait.num_seconds(), 3600);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_gets_no_more_requests() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let gone = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!((gone.delivery.status, gone.delivery.status_code), (DeliveryStatus::Exhausted, Some(410)));
    assert_eq!(gone.delivery.next_attempt_at, None);
}

#[tokio::test]
async fn a_success_resets_the_consecutive_failures() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n < 2 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.advance(Duration::from_secs(60));
    fixture.wait_for_attempts(webhook, 2).await;
    let failing = fixture.state().webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!(failing.consecutive_failures, 1);
    fixture.advance(Duration::from_secs(600));
    fixture.wait_for_attempts(webhook, 3).await;
    let healthy = fixture.state().webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!(healthy.consecutive_failures, 0);
    assert!(healthy.last_success_at > healthy.last_failure_at);
}

#[tokio::test]
async fn deliveries_of_a_deleted_webhook_end() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::SERVICE_UNAVAILABLE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
    let given_up = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(given_up.status, DeliveryStatus::Cancelled);
    assert_eq!(given_up.error.as_deref(), Some("The webhook was deleted before this was sent."));
    assert_eq!((given_up.attempt_count, given_up.next_attempt_at), (1, None));
    fixture.advance(Duration::from_secs(60));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
}

#[tokio::test]
async fn a_delivery_in_flight_is_not_retried_after_delete() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.answered(1).await;
    fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.advance(Duration::from_secs(10));
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.advance(Duration::from_secs(10));
    let cancelled = |detail: &DeliveryDetail| detail.delivery.status == DeliveryStatus::Cancelled;
    let given_up = fixture.wait_for_delivery(webhook, "cancelled", cancelled).await;
    assert_eq!(given_up.delivery.error.as_deref(), Some("The webhook was deleted before this was sent."));
    assert_eq!((given_up.delivery.attempt_count, receiver.requests_so_far()), (1, 1));
}

#[tokio::test]
async fn nothing_is_sent_for_a_deleted_project() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::SERVICE_UNAVAILABLE).await;
    fixture.webhook(&receiver.url("/")).await;
    fixture.issue("It breaks").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.state().delete_project(&fixture.ada, fixture.project).await.unwrap();
    fixture.advance(Duration::from_secs(10));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
}
