//! How responses are parsed: leniently, and decoded as text.

use app::model::delivery::{Attempt, DeliveryStatus};
use axum::body::Body;
use axum::http::Response;

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::scripted::{ScriptedReceiver, answer_and_close};

/// Malformed heads, all with the status 200.
fn untidy_heads() -> Vec<String> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let mut heads = vec![
        format!("{ok}{}", "x-many: 1\r\n".repeat(150)),
        format!("{ok}{}", "x-many: 1\r\n".repeat(1500)),
        format!("{ok}x-folded: one\r\n two\r\n\tthree\r\n"),
        format!("{ok}x-space : one\r\nx-tab\t: two\r\n"),
        format!("{ok}no colon at all\r\n"),
        format!("{ok}: no name\r\n"),
        format!("{ok}x name: y\r\nx[]: y\r\nx\u{e9}: \u{e9}\r\n"),
        "HTTP/1.1 200 OK\nx-line: feed\n".to_owned(),
        "HTTP/1.1 200\r\n".to_owned(),
        "HTTP/1.1 200 Fine \u{1} indeed\r\n".to_owned(),
        "HTTP/1.0 200 OK\r\n".to_owned(),
        format!("HTTP/1.1 100 Continue\r\n\r\n{ok}x-late: \0\r\n"),
    ];
    let controls = (0..32).chain([127]).filter(|code| !b"\t\r\n".contains(code)).map(char::from);
    heads.extend(controls.map(|control| format!("{ok}x-control: a{control}b\r\nx{control}y: z\r\n")));
    heads.push(format!("{ok}x-return: a\rb\r\n"));
    heads
}

#[tokio::test]
async fn a_success_with_untidy_headers_is_a_success() {
    let heads = untidy_heads();
    let count = heads.len();
    let bodies = heads.clone();
    let receiver = ScriptedReceiver::start(move |connection, _| {
        let head = &bodies[connection];
        let (end, close) = if head.ends_with("\r\n") { ("\r\n", "\r\n") } else { ("\n", "\n") };
        answer_and_close(format!("{head}content-length: 2{end}connection: close{end}{close}ok"))
    })
    .await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    for (number, head) in heads.iter().enumerate() {
        fixture.issue("It breaks").await;
        // One at a time, so that the number of the connection identifies the head that failed.
        eventually(&format!("the answer to {head:?}"), async || {
            let newest =
                fixture.deliveries(webhook).await.into_iter().find(|detail| detail.delivery.attempt_count == 0);
            (receiver.requests().len() > number && newest.is_none()).then_some(())
        })
        .await;
    }
    let deliveries = fixture.deliveries(webhook).await;
    assert_eq!(deliveries.len(), count);
    for detail in deliveries {
        let [attempt] = &detail.attempts[..] else { panic!("one attempt, not {detail:?}") };
        let is = (detail.delivery.status, attempt.status_code, attempt.response_body.as_deref());
        assert_eq!(is, (DeliveryStatus::Delivered, Some(200), Some("ok")), "{attempt:?}");
    }
}

async fn attempt_at(response: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> Attempt {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(move |_| response()).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let detail = fixture.wait_for_attempts(webhook, 1).await;
    assert_eq!(receiver.requests_so_far()[0].header("accept-encoding"), "identity");
    detail.attempts.into_iter().next().unwrap()
}

#[tokio::test]
async fn a_response_is_shown_by_its_charset() {
    for (content_type, body, text) in [
        ("text/plain; charset=ISO-8859-1", &b"Fehler: Gr\xfc\xdfe"[..], "Fehler: Grüße"),
        ("text/html; charset=\"windows-1251\"", b"\xce\xf8\xe8\xe1\xea\xe0", "Ошибка"),
        ("text/plain;charset=shift_jis", b"\x83\x65\x83\x58\x83\x67", "テスト"),
        ("text/plain; charset=utf-16le", b"o\0k\0", "ok"),
        ("text/plain", "Grüße".as_bytes(), "Grüße"),
        ("text/plain; charset=nothing-known", "Grüße".as_bytes(), "Grüße"),
    ] {
        let response = move || Response::builder().header("content-type", content_type).body(Body::from(body)).unwrap();
        assert_eq!(attempt_at(response).await.response_body.as_deref(), Some(text), "{content_type}");
    }
}

#[tokio::test]
async fn a_compressed_response_is_named_and_not_shown() {
    for (coding, length, sentence) in [
        ("gzip", 1_234, "Compressed (gzip), 1,234 bytes: not shown"),
        ("br", 20_000, "Compressed (br), 20,000 bytes: not shown"),
    ] {
        let response = move || {
            let body = vec![0x8b; length];
            Response::builder().header("content-encoding", coding).body(Body::from(body)).unwrap()
        };
        let attempt = attempt_at(response).await;
        assert_eq!((attempt.response_body.as_deref(), attempt.response_truncated), (Some(sentence), false));
    }
}
