//! Pooled connections that the server has closed meanwhile.

use app::model::delivery::{DeliveryDetail, DeliveryStatus};

use crate::support::outbound::OutboundFixture;
use crate::support::scripted::{ScriptedReceiver, Step, answer, answer_and_close};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Sends one event that is delivered over the first connection, and then another one.
async fn second_delivery(
    script: impl Fn(usize, usize) -> Step + Clone + Send + 'static,
) -> (OutboundFixture, ScriptedReceiver, DeliveryDetail) {
    let receiver = ScriptedReceiver::start(script).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("First").await;
    assert_eq!(fixture.wait_for_attempts(webhook, 1).await.delivery.status, DeliveryStatus::Delivered);
    fixture.dispatch_idle().await;
    // IDs ascend with the time.
    fixture.advance(std::time::Duration::from_secs(1));
    fixture.issue("Second").await;
    let detail = fixture.wait_for_newest_attempt(webhook).await;
    (fixture, receiver, detail)
}

#[tokio::test]
async fn a_request_on_a_closed_connection_is_sent_again() {
    let (_sender, receiver, detail) = second_delivery(|connection, request| match (connection, request) {
        (0, 1) => answer_and_close(""),
        _ => answer(OK),
    })
    .await;
    assert_eq!((detail.delivery.status, detail.delivery.attempt_count), (DeliveryStatus::Delivered, 1));
    assert_eq!(receiver.connections(), [0, 0, 1]);
    let requests = receiver.requests();
    assert_eq!(requests[1].1, requests[2].1, "the same request to the byte");
}

#[tokio::test]
async fn a_request_is_never_sent_a_third_time() {
    let (fixture, receiver, detail) = second_delivery(|connection, request| match (connection, request) {
        (0, 0) => answer(OK),
        _ => answer_and_close(""),
    })
    .await;
    fixture.dispatch_idle().await;
    assert_eq!((detail.delivery.status, detail.delivery.attempt_count), (DeliveryStatus::Failed, 1));
    let error = detail.delivery.error.unwrap();
    assert_eq!(error, "The connection was closed before the response was complete.");
    assert_eq!(receiver.connections(), [0, 0, 1]);
}

#[tokio::test]
async fn a_request_with_a_partial_response_is_not_repeated() {
    for beginning in ["H", "HTTP/1.1 200 OK\r\nx-half: ", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let (fixture, receiver, detail) = second_delivery(move |connection, request| match (connection, request) {
            (0, 0) => answer(OK),
            _ => answer_and_close(beginning),
        })
        .await;
        fixture.dispatch_idle().await;
        assert_eq!((detail.delivery.status, detail.delivery.attempt_count), (DeliveryStatus::Failed, 1), "{beginning}");
        assert_eq!(receiver.connections(), [0, 0], "{beginning}");
    }
}

#[tokio::test]
async fn a_new_connection_that_closes_is_a_failure_at_once() {
    let receiver = ScriptedReceiver::start(|_, _| answer_and_close("")).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("First").await;
    assert_eq!(fixture.wait_for_attempts(webhook, 1).await.delivery.status, DeliveryStatus::Failed);
    fixture.dispatch_idle().await;
    assert_eq!(receiver.connections(), [0]);
}
