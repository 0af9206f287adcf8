//! The policy of a webhook: retries, timeout and thresholds.

use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::delivery_policy::{PolicyChange, RETRY_PRESETS};
use app::model::id::WebhookId;
use app::model::webhook::{Health, UpdateWebhook};
use app::service::Webhooks;
use http::StatusCode;
use serde_json::json;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

struct Policies {
    fixture: OutboundFixture,
    receiver: Receiver,
    id: WebhookId,
}

impl Policies {
    async fn answering(status: StatusCode, policy: PolicyChange) -> Self {
        let fixture = OutboundFixture::start().await;
        let receiver = Receiver::answering(move |_| status).await;
        let id = fixture.webhook(&receiver.url("/")).await.webhook.id;
        let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
        Self { fixture, receiver, id }
    }

    async fn advance(&self, seconds: u64) {
        self.fixture.dispatch_idle().await;
        self.fixture.advance(Duration::from_secs(seconds));
        self.fixture.dispatch_idle().await;
    }
}

#[tokio::test]
async fn a_delivery_follows_the_schedule_of_its_webhook() {
    let policy = PolicyChange { retry_delays: Some(vec![100, 1_000]), ..PolicyChange::default() };
    let policies = Policies::answering(StatusCode::BAD_GATEWAY, policy).await;
    policies.fixture.issue("One").await;
    let first = policies.fixture.wait_for_attempts(policies.id, 1).await;
    assert_eq!(first.delivery.max_attempts, 3);
    // The jitter is a fifth.
    policies.advance(79).await;
    policies.receiver.requests(1).await;
    policies.advance(42).await;
    policies.receiver.requests(2).await;
    policies.advance(1_201).await;
    let last = policies.fixture.wait_for_attempts(policies.id, 3).await;
    assert_eq!(last.delivery.status, DeliveryStatus::Exhausted);
}

#[tokio::test]
async fn each_suggested_schedule_is_followed() {
    for preset in &RETRY_PRESETS {
        let policy = PolicyChange { retry_delays: Some(preset.delays.to_vec()), ..PolicyChange::default() };
        let policies = Policies::answering(StatusCode::BAD_GATEWAY, policy).await;
        policies.fixture.issue("One").await;
        policies.fixture.dispatch_idle().await;
        for (made, &delay) in (1..).zip(preset.delays) {
            if delay > 1 {
                policies.advance((u64::from(delay) * 4 / 5) - 1).await;
                policies.receiver.requests(made).await;
            }
            policies.advance(u64::from(delay) * 2 / 5 + 2).await;
            policies.receiver.requests(made + 1).await;
        }
        let attempts = u32::try_from(preset.delays.len()).unwrap() + 1;
        let last = policies.fixture.wait_for_attempts(policies.id, attempts).await;
        assert_eq!(last.delivery.status, DeliveryStatus::Exhausted, "{}", preset.label);
    }
}

#[tokio::test]
async fn new_events_are_sent_after_an_exhausted_delivery() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::NO_CONTENT };
    let receiver = Receiver::answering(answer).await;
    let id = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let policy = PolicyChange { retry_delays: Some(Vec::new()), ..PolicyChange::default() };
    let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
    fixture.issue("One").await;
    assert_eq!(fixture.wait_for_attempts(id, 1).await.delivery.status, DeliveryStatus::Exhausted);
    fixture.issue("Two").await;
    receiver.requests(2).await;
    fixture.wait_for_failures(id, 0).await;
    let statuses: Vec<_> = fixture.deliveries(id).await.iter().map(|detail| detail.delivery.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Delivered, DeliveryStatus::Exhausted]);
}

#[tokio::test]
async fn a_webhook_that_is_never_disabled_keeps_sending() {
    let policy = PolicyChange {
        retry_delays: Some(Vec::new()),
        degraded_after: Some(1_000),
        disabled_after: Some(0),
        ..PolicyChange::default()
    };
    let policies = Policies::answering(StatusCode::BAD_GATEWAY, policy).await;
    for n in 1..=12 {
        policies.fixture.issue(&format!("Issue {n}")).await;
        policies.fixture.wait_for_failures(policies.id, n).await;
    }
    let card = policies.fixture.card(policies.id).await;
    assert_eq!((card.health, card.disabled_after), (Health::Healthy, None));
    policies.receiver.requests(12).await;
}

#[tokio::test]
async fn a_refused_request_is_final_unless_the_policy_retries_it() {
    for (status, retries, expected) in [
        (StatusCode::NOT_FOUND, false, DeliveryStatus::Exhausted),
        (StatusCode::UNPROCESSABLE_ENTITY, true, DeliveryStatus::Failed),
        (StatusCode::REQUEST_TIMEOUT, false, DeliveryStatus::Failed),
        (StatusCode::TOO_EARLY, false, DeliveryStatus::Failed),
    ] {
        let policy = PolicyChange { retry_client_errors: Some(retries), ..PolicyChange::default() };
        let policies = Policies::answering(status, policy).await;
        policies.fixture.issue("One").await;
        let detail = policies.fixture.wait_for_attempts(policies.id, 1).await;
        assert_eq!(detail.delivery.status, expected, "{status} {retries}");
    }
}

#[tokio::test]
async fn a_webhook_is_disabled_after_its_own_number_of_failures() {
    let policy = PolicyChange {
        retry_delays: Some(Vec::new()),
        degraded_after: Some(1),
        disabled_after: Some(2),
        ..PolicyChange::default()
    };
    let policies = Policies::answering(StatusCode::BAD_GATEWAY, policy).await;
    assert_eq!(policies.fixture.card(policies.id).await.disabled_after, Some(2));
    policies.fixture.issue("One").await;
    policies.fixture.wait_for_card(policies.id, "degraded", |card| card.health == Health::Degraded).await;
    policies.fixture.issue("Two").await;
    policies.advance(60).await;
    policies.fixture.wait_for_card(policies.id, "disabled", |card| card.health == Health::Disabled).await;
}

#[tokio::test]
async fn an_endpoint_has_as_long_as_its_policy_says() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(25)).await;
    let id = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let policy = PolicyChange { timeout_seconds: Some(30), ..PolicyChange::default() };
    let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
    fixture.issue("One").await;
    receiver.requests(1).await;
    fixture.advance(Duration::from_secs(25));
    assert_eq!(fixture.wait_for_attempts(id, 1).await.delivery.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn an_invalid_policy_is_refused_field_by_field() {
    let fixture = OutboundFixture::start().await;
    let id = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/webhooks/{id}");
    for (field, value) in [
        ("retryDelays", json!(vec![1; 21])),
        ("retryDelays", json!([7 * 24 * 3_600, 1])),
        ("timeoutSeconds", json!(0)),
        ("timeoutSeconds", json!(31)),
        ("degradedAfter", json!(0)),
        ("disabledAfter", json!(1_001)),
        ("disabledAfterHours", json!(721)),
        ("rateLimit", json!(101)),
    ] {
        let reply = api.patch(&path, &json!({"policy": {field: value}})).await;
        assert_eq!(reply.status, 422, "{field} {value}");
        assert!(reply.json["errors"][field].is_string(), "{}", reply.text);
    }
    let reply = api.patch(&path, &json!({"policy": {"timeoutSeconds": 5, "retryDelays": [0, 120, 600]}})).await;
    let expected = json!({
        "retryDelays": [0, 120, 600], "retryClientErrors": false, "timeoutSeconds": 5, "degradedAfter": 5,
        "disabledAfter": 10, "disabledAfterHours": 0, "autoRecovery": false, "ordered": false, "rateLimit": 0,
        "ratePeriod": "second", "digestMinutes": 0,
    });
    assert_eq!(reply.json["policy"], expected);
}
