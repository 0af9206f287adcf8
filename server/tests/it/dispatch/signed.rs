use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::webhook::UpdateWebhook;
use app::service::Webhooks;
use standardwebhooks::Webhook;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::{ReceivedRequest, Receiver};

/// The result of the published verifier, which also checks the time by the system clock.
fn verifies(secret: &str, request: &ReceivedRequest) -> bool {
    Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

#[tokio::test]
async fn an_event_arrives_signed_in_the_documented_envelope() {
    let fixture = OutboundFixture::start().await;
    fixture.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let created = fixture.webhook(&receiver.url("/hook%2Fa?token=s3cr%2Ft")).await;
    let issue = fixture.issue("It breaks").await;

    let [request] = &receiver.requests(1).await[..] else { unreachable!() };
    let secret = created.reveal.unwrap().secret.unwrap();
    assert!(verifies(&secret, request));
    assert!(!verifies("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", request));
    assert_eq!(request.uri, "/hook%2Fa?token=s3cr%2Ft");
    assert_eq!(request.header("content-type"), "application/json");
    assert!(request.header("user-agent").starts_with("Testbell/"));
    assert_eq!(request.timestamp(), fixture.state().clock.now().timestamp());

    let envelope = request.json();
    assert_eq!(envelope["id"], request.header("webhook-id"));
    assert!(!request.header("webhook-id").contains('.'));
    assert_eq!(envelope["type"], "issue.created");
    let timestamp: chrono::DateTime<chrono::Utc> = envelope["timestamp"].as_str().unwrap().parse().unwrap();
    assert_eq!(timestamp, fixture.state().clock.now());
    assert_eq!(envelope["project"]["id"], fixture.project.to_string());
    assert_eq!(envelope["project"]["key"], "WEB");
    assert_eq!(envelope["actor"]["name"], "Ada");
    assert_eq!(envelope["data"]["id"], issue.id.to_string());
    assert_eq!(envelope["data"]["title"], "It breaks");
}

#[tokio::test]
async fn a_delivery_shows_request_and_response_but_no_secret() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| (http::StatusCode::CREATED, [("x-receiver", "r1")], "thanks")).await;
    let created = fixture.webhook(&receiver.url("/hook?token=s3cret")).await;
    fixture.issue("It breaks").await;

    let detail = fixture.wait_for_attempts(created.webhook.id, 1).await;
    let [request] = &receiver.requests(1).await[..] else { unreachable!() };
    assert_eq!(detail.delivery.status, DeliveryStatus::Delivered);
    assert_eq!(detail.delivery.status_code, Some(201));
    assert_eq!(detail.delivery.error, None);
    assert_eq!(detail.delivery.next_attempt_at, None);
    assert_eq!(detail.delivery.finished_at, Some(fixture.state().clock.now()));
    assert_eq!(detail.body.as_deref().map(str::as_bytes), Some(&request.body[..]));
    assert_eq!(detail.destination, receiver.url("/hook?token=••••"));

    let [attempt] = &detail.attempts[..] else { panic!("one attempt") };
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature", "content-type", "user-agent"] {
        let shown = attempt.request_headers.iter().find(|header| header.name == name).unwrap();
        assert_eq!(shown.value, request.header(name));
    }
    assert!(attempt.response_headers.iter().any(|header| header.name == "x-receiver" && header.value == "r1"));
    assert_eq!(attempt.response_body.as_deref(), Some("thanks"));
    assert!(!attempt.response_truncated);

    let shown = serde_json::to_string(&detail).unwrap();
    let secret = created.reveal.unwrap().secret.unwrap();
    assert!(!shown.contains("s3cret") && !shown.contains(secret.trim_start_matches("whsec_")));
}

#[tokio::test]
async fn only_subscribed_events_are_sent() {
    let fixture = OutboundFixture::start().await;
    let (subscribed, other) = (Receiver::start().await, Receiver::start().await);
    fixture.webhook(&subscribed.url("/")).await;
    let silent = fixture.webhook(&other.url("/")).await.webhook.id;
    let none = UpdateWebhook { events: Some(Vec::new()), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, silent, none).await.unwrap();

    fixture.issue("It breaks").await;
    subscribed.requests(1).await;
    fixture.dispatch_idle().await;
    assert!(other.requests_so_far().is_empty());
    assert!(fixture.deliveries(silent).await.is_empty());
}

#[tokio::test]
async fn a_new_url_applies_from_the_next_delivery_on() {
    let fixture = OutboundFixture::start().await;
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let webhook = fixture.webhook(&first.url("/")).await.webhook.id;
    fixture.issue("One").await;
    first.requests(1).await;

    let change = UpdateWebhook { url: Some(second.url("/new")), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
    fixture.issue("Two").await;
    assert_eq!(second.requests(1).await[0].json()["data"]["title"], "Two");
    first.requests(1).await;
}

#[tokio::test]
async fn a_change_does_not_wait_for_the_endpoint() {
    let fixture = OutboundFixture::start().await;
    let delay = Duration::from_secs(5);
    let receiver = Receiver::slow(fixture.state().clock.clone(), delay).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    receiver.requests(1).await;
    let waiting = fixture.wait_for_attempts(webhook, 0).await;
    assert_eq!(waiting.delivery.status, DeliveryStatus::Pending);
    fixture.advance(delay);
    assert_eq!(fixture.wait_for_attempts(webhook, 1).await.delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn webhooks_with_the_same_url_get_each_event() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let first = fixture.webhook(&receiver.url("/")).await;
    let second = fixture.webhook(&receiver.url("/")).await;
    fixture.issue("It breaks").await;
    let requests = receiver.requests(2).await;
    assert_eq!(requests[0].body, requests[1].body);
    assert_ne!(requests[0].header("webhook-signature"), requests[1].header("webhook-signature"));
    for created in [first, second] {
        let detail = fixture.wait_for_attempts(created.webhook.id, 1).await;
        assert_eq!(detail.delivery.status, DeliveryStatus::Delivered);
    }
}
