use std::time::Duration;

use app::model::delivery::{DeliveryDetail, DeliveryStatus};
use app::service::{Projects, Webhooks};
use http::StatusCode;

use crate::support::outbound::Sender;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_failed_attempt_is_made_again_on_schedule_with_the_same_id_and_a_new_signature() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;

    let failed = sender.attempted(webhook, 1).await;
    assert_eq!(failed.delivery.status, DeliveryStatus::Pending);
    assert_eq!(failed.delivery.error.as_deref(), Some("The endpoint answered 502 Bad Gateway."));
    let wait = failed.delivery.next_attempt_at.unwrap() - sender.core().clock.now();
    assert!((4000..=6000).contains(&wait.num_milliseconds()), "{wait}");

    sender.advance(Duration::from_millis(3900));
    sender.settle().await;
    receiver.requests(1).await;
    sender.advance(Duration::from_millis(2200));
    let delivered = sender.attempted(webhook, 2).await;
    assert_eq!(delivered.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(delivered.delivery.error, None);
    let [first, second] = &receiver.requests(2).await[..] else { unreachable!() };
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(first.body, second.body);
    assert!(first.timestamp() < second.timestamp());
    assert_ne!(first.header("webhook-signature"), second.header("webhook-signature"));
}

#[tokio::test]
async fn after_eight_attempts_a_delivery_has_failed_and_nothing_more_is_sent() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    for made in 1..8 {
        let pending = sender.attempted(webhook, made).await;
        assert_eq!(pending.delivery.status, DeliveryStatus::Pending);
        sender.advance(Duration::from_secs(13 * 60 * 60));
    }
    let failed = sender.attempted(webhook, 8).await;
    assert_eq!(failed.delivery.status, DeliveryStatus::Failed);
    assert_eq!(failed.delivery.next_attempt_at, None);
    assert_eq!(failed.delivery.attempts, failed.delivery.max_attempts);
    assert_eq!(failed.attempt_list.iter().map(|attempt| attempt.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
    sender.advance(Duration::from_secs(48 * 60 * 60));
    sender.settle().await;
    receiver.requests(8).await;

    let webhook = sender.core().webhook(&sender.ada, webhook).await.unwrap();
    assert_eq!(webhook.consecutive_failures, 8);
    assert_eq!(webhook.last_success_at, None);
    assert_eq!(webhook.last_failure_at, webhook.last_dispatched_at);
}

#[tokio::test]
async fn retry_after_puts_the_next_attempt_off() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "3600")])).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    let refused = sender.attempted(webhook, 1).await;
    let wait = refused.delivery.next_attempt_at.unwrap() - sender.core().clock.now();
    assert_eq!(wait.num_seconds(), 3600);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_not_asked_again() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    let gone = sender.attempted(webhook, 1).await;
    assert_eq!((gone.delivery.status, gone.delivery.status_code), (DeliveryStatus::Failed, Some(410)));
    assert_eq!(gone.delivery.next_attempt_at, None);
}

#[tokio::test]
async fn a_success_resets_the_failures_in_a_row() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n < 2 { StatusCode::NOT_FOUND } else { StatusCode::OK }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    sender.attempted(webhook, 1).await;
    sender.advance(Duration::from_secs(60));
    sender.attempted(webhook, 2).await;
    let failing = sender.core().webhook(&sender.ada, webhook).await.unwrap();
    assert_eq!(failing.consecutive_failures, 2);
    sender.advance(Duration::from_secs(600));
    sender.attempted(webhook, 3).await;
    let healthy = sender.core().webhook(&sender.ada, webhook).await.unwrap();
    assert_eq!(healthy.consecutive_failures, 0);
    assert!(healthy.last_success_at > healthy.last_failure_at);
}

#[tokio::test]
async fn what_waits_for_a_deleted_webhook_is_given_up_with_a_reason_and_not_sent() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::SERVICE_UNAVAILABLE).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    sender.attempted(webhook, 1).await;
    sender.core().delete_webhook(&sender.ada, webhook).await.unwrap();
    let given_up = sender.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(given_up.status, DeliveryStatus::Failed);
    assert_eq!(given_up.error.as_deref(), Some("The webhook was deleted before this was sent."));
    assert_eq!((given_up.attempts, given_up.next_attempt_at), (1, None));
    sender.advance(Duration::from_secs(60));
    sender.settle().await;
    receiver.requests(1).await;
}

#[tokio::test]
async fn what_is_under_way_when_its_webhook_is_deleted_is_not_attempted_again() {
    let sender = Sender::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = sender.webhook(&receiver.url()).await.webhook.id;
    sender.issue("It breaks").await;
    receiver.answered(1).await;
    sender.core().delete_webhook(&sender.ada, webhook).await.unwrap();
    sender.advance(Duration::from_secs(10));
    sender.attempted(webhook, 1).await;
    sender.advance(Duration::from_secs(10));
    let failed = |detail: &DeliveryDetail| detail.delivery.status == DeliveryStatus::Failed;
    let given_up = sender.delivery(webhook, "given up", failed).await;
    assert_eq!(given_up.delivery.error.as_deref(), Some("The webhook was deleted before this was sent."));
    assert_eq!((given_up.delivery.attempts, receiver.so_far()), (1, 1));
}

#[tokio::test]
async fn nothing_is_sent_for_a_deleted_project() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::SERVICE_UNAVAILABLE).await;
    sender.webhook(&receiver.url("/")).await;
    sender.issue("It breaks").await;
    receiver.requests(1).await;
    sender.settle().await;
    sender.core().delete_project(&sender.ada, sender.project).await.unwrap();
    sender.advance(Duration::from_secs(10));
    sender.settle().await;
    receiver.requests(1).await;
}
