use std::time::Duration;

use app::model::delivery::{Attempt, DeliveryDetail, DeliveryStatus};
use http::StatusCode;

use crate::support::outbound::OutboundFixture;
use crate::support::raw::{RawReceiver, Then};
use crate::support::receiver::Receiver;

const TEN_SECONDS: Duration = Duration::from_secs(10);
const MAX_STORED_BODY_BYTES: usize = 16 * 1024;

async fn attempt_at(fixture: &OutboundFixture, url: &str) -> DeliveryDetail {
    let webhook = fixture.webhook(url).await.webhook.id;
    fixture.issue("It breaks").await;
    fixture.wait_for_attempts(webhook, 1).await
}

fn only(detail: &DeliveryDetail) -> &Attempt {
    let [attempt] = &detail.attempts[..] else { panic!("one attempt") };
    attempt
}

#[tokio::test]
async fn an_attempt_times_out_after_ten_seconds() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.answered(1).await;
    fixture.advance(TEN_SECONDS - Duration::from_millis(1));
    fixture.server.dispatch_idle(1).await;
    assert_eq!(fixture.deliveries(webhook).await[0].delivery.attempt_count, 0);
    fixture.advance(Duration::from_millis(1));
    let detail = fixture.wait_for_attempts(webhook, 1).await;
    let attempt = only(&detail);
    assert_eq!(attempt.error.as_deref(), Some("Timed out after 10 s while waiting for the response."));
    assert_eq!((attempt.duration_ms, attempt.status_code), (10_000, None));
    assert_eq!(detail.delivery.status, DeliveryStatus::Failed);
}

#[tokio::test]
async fn a_response_that_takes_too_long_is_a_failure() {
    let fixture = OutboundFixture::start().await;
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\ndrop";
    let mut receiver = RawReceiver::writing(head, Then::Hold).await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.answered(1).await;
    fixture.server.dispatch_idle(1).await;
    fixture.advance(TEN_SECONDS);
    let detail = fixture.wait_for_attempts(webhook, 1).await;
    let attempt = only(&detail);
    assert_eq!(attempt.error.as_deref(), Some("Timed out after 10 s while reading the response body."));
    assert_eq!((attempt.status_code, attempt.response_body.as_deref()), (Some(200), Some("drop")));
    assert_eq!(detail.delivery.status, DeliveryStatus::Failed);
    receiver.closed().await;
}

#[tokio::test]
async fn a_huge_response_is_cut_after_sixteen_kibibytes() {
    let fixture = OutboundFixture::start().await;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n{}", "a".repeat(1 << 20));
    let receiver = RawReceiver::writing(head, Then::Repeat).await;
    let detail = attempt_at(&fixture, &receiver.url()).await;
    let attempt = only(&detail);
    assert_eq!(attempt.response_body.as_ref().map(String::len), Some(MAX_STORED_BODY_BYTES));
    assert!(attempt.response_truncated);
    assert_eq!(detail.delivery.status, DeliveryStatus::Delivered);
    // The rest is in the buffers of the two sockets.
    assert!(receiver.closed().await < 20_000_000);
}

#[tokio::test]
async fn a_body_is_kept_whole_up_to_sixteen_kibibytes() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| "b".repeat(MAX_STORED_BODY_BYTES)).await;
    let detail = attempt_at(&fixture, &receiver.url("/")).await;
    assert_eq!(only(&detail).response_body.as_ref().map(String::len), Some(MAX_STORED_BODY_BYTES));
    assert!(!only(&detail).response_truncated);
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let fixture = OutboundFixture::start().await;
    let head = format!("HTTP/1.1 200 OK\r\n{}", "x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(1000));
    let receiver = RawReceiver::writing(head, Then::Repeat).await;
    let detail = attempt_at(&fixture, &receiver.url()).await;
    let error = only(&detail).error.clone().unwrap();
    assert!(error.starts_with("The response is not valid HTTP"), "{error}");
}

#[tokio::test]
async fn each_failure_is_explained() {
    let cut_off = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc";
    for (url, expected) in [
        ("http://127.0.0.4:9/".to_owned(), "The connection was refused: nothing listens there."),
        (
            RawReceiver::writing("", Then::Close).await.url(),
            "The connection was closed before the response was complete.",
        ),
        (
            RawReceiver::writing(cut_off, Then::Close).await.url(),
            "The connection was closed before the response was complete.",
        ),
        (RawReceiver::writing("SSH-2.0-OpenSSH\r\n\r\n", Then::Hold).await.url(), "The response is not valid HTTP"),
        (
            RawReceiver::greeting("220 mail.example.com ESMTP\r\n").await.url().replace("http:", "https:"),
            "TLS failed: the server does not speak TLS on this port.",
        ),
    ] {
        let fixture = OutboundFixture::start().await;
        let detail = attempt_at(&fixture, &url).await;
        let error = only(&detail).error.clone().unwrap();
        assert!(error.starts_with(expected), "{url}: {error}");
        assert_eq!(detail.delivery.error.as_deref(), Some(error.as_str()));
        assert_eq!(detail.delivery.status, DeliveryStatus::Failed);
    }
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let fixture = OutboundFixture::start().await;
    let target = Receiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        let location = target.url("/inner");
        let status = StatusCode::from_u16(status).unwrap();
        let receiver = Receiver::answering(move |_| (status, [("location", location.clone())])).await;
        let fixture = OutboundFixture::start().await;
        let detail = attempt_at(&fixture, &receiver.url("/")).await;
        assert_eq!(only(&detail).status_code, Some(status.as_u16()));
        assert!(only(&detail).error.as_ref().unwrap().contains("Redirects are not followed"));
    }
    fixture.dispatch_idle().await;
    assert!(target.requests_so_far().is_empty());
}

#[tokio::test]
async fn a_binary_body_is_kept_with_replacements() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| b"a\0b\xff".to_vec()).await;
    let detail = attempt_at(&fixture, &receiver.url("/")).await;
    assert_eq!(only(&detail).response_body.as_deref(), Some("ab\u{fffd}"));
}
