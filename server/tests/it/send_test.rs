//! Manual tests: the same bytes each time, in both directions.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::delivery::{DeliveryStatus, InboundOutcome};
use app::model::people::Role;
use app::model::project::UpdateProject;
use app::model::provider::InboundAuthentication;
use app::model::webhook::{RotateWebhook, SendTest, WebhookKind};
use app::service::{Deliveries, Integrations, Projects, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use server::entity::{event, integration, webhook};
use standardwebhooks::Webhook;

use crate::support::any_tracker::trackers;
use crate::support::contract::event_errors;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn each_test_of_a_webhook_has_the_same_bytes_and_id() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let created = fixture.webhook(&receiver.url("/")).await;
    let webhook = created.webhook.id;
    let first = fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.advance(DAY);
    let rename = UpdateProject { key: None, name: Some("Renamed".into()) };
    fixture.state().update_project(&fixture.ada, fixture.project, rename).await.unwrap();
    let second = fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    assert_ne!(one.timestamp(), two.timestamp());
    assert_ne!(first.id, second.id);
    assert!(first.test && second.test && first.replay_of.is_none());
    let stored = event::Entity::find().count(fixture.state().store.read()).await.unwrap();
    assert_eq!(stored, 1);

    let secret = created.reveal.unwrap().secret.unwrap();
    let signature = Webhook::new(&secret).unwrap().sign(two.header("webhook-id"), two.timestamp(), &two.body).unwrap();
    assert_eq!(two.header("webhook-signature"), signature);
    let envelope = one.json();
    assert_eq!(
        (envelope["id"].as_str(), envelope["type"].as_str()),
        (Some(one.header("webhook-id")), Some("webhook.test"))
    );
    assert_eq!(envelope["data"]["id"], "iss_00000000000000000000000000");
    assert_eq!(event_errors("webhook.test", &envelope), [""; 0]);
    assert!("webhook.test".parse::<EventType>().is_err(), "nobody can subscribe to it");
    assert_eq!(fixture.audit_details(AuditAction::WebhookTested).await.len(), 2);
}

#[tokio::test]
async fn two_webhooks_have_different_test_ids() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    for _ in 0..2 {
        let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
        fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    }
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_ne!(one.header("webhook-id"), two.header("webhook-id"));
}

#[tokio::test]
async fn a_test_is_attempted_once_and_shows_its_result() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let sent = api.post(&format!("/webhooks/{webhook}/test"), &json!({})).await;
    assert_eq!(
        (sent.status, sent.json["test"].as_bool(), sent.json["maxAttempts"].as_u64()),
        (201, Some(true), Some(1))
    );
    assert!(sent.location().ends_with(sent.json["id"].as_str().unwrap()));
    let failed = fixture.wait_for_attempts(webhook, 1).await.delivery;
    assert_eq!((failed.status, failed.status_code), (DeliveryStatus::Exhausted, Some(500)));
    assert_eq!(failed.error.as_deref(), Some("The endpoint responded with 500 Internal Server Error."));
    fixture.advance(DAY);
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
}

#[tokio::test]
async fn a_test_stays_the_same_after_its_deliveries_are_gone() {
    let fixture = OutboundFixture::on(TestServer::start_with(&["--retention-days", "30"]).await).await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let first = fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.advance(40 * DAY);
    eventually("the delivery is removed", async || fixture.state().delivery(&fixture.ada, first.id).await.err()).await;
    let rename = UpdateProject { key: None, name: Some("Renamed".into()) };
    fixture.state().update_project(&fixture.ada, fixture.project, rename).await.unwrap();
    fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
}

#[tokio::test]
async fn an_inbound_test_is_received_and_changes_no_issue() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let state = &server.state;
    for outcome in [InboundOutcome::Test, InboundOutcome::Duplicate, InboundOutcome::Duplicate] {
        let test = state.test_webhook(&github.owner, github.webhook, SendTest::default()).await.unwrap();
        assert_eq!(
            (test.outcome, test.status, test.status_code),
            (Some(outcome), DeliveryStatus::Delivered, Some(200))
        );
        assert!(test.test && test.event_id.is_none());
        let detail = state.delivery(&github.owner, test.id).await.unwrap();
        assert_eq!(detail.body_sha256.map(|hash| hash.len()), Some(64));
    }
    assert!(server.issues(github.project).await.is_empty());
    let card = state.webhook(&github.owner, github.webhook).await.unwrap();
    assert_eq!(card.last_success_at, Some(state.clock.now()));

    state.rotate_webhook(&github.owner, github.webhook, RotateWebhook::default()).await.unwrap();
    let rotated = state.test_webhook(&github.owner, github.webhook, SendTest::default()).await.unwrap();
    assert_eq!(rotated.status, DeliveryStatus::Delivered, "the new secret verifies");
}

#[tokio::test]
async fn tests_of_every_tracker_are_verified() {
    for provider in trackers() {
        let kind = WebhookKind::Tracker(provider);
        let server = TestServer::start().await;
        let github = server.github_with("user:password", "https://tracker.example.com", None).await;
        let row = webhook::ActiveModel { id: Set(github.webhook), kind: Set(kind), ..Default::default() };
        let tracker =
            integration::ActiveModel { id: Set(github.integration), provider: Set(provider), ..Default::default() };
        server
            .insert(move |db| {
                Box::pin(async move {
                    webhook::Entity::update(row).exec_without_returning(db).await?;
                    integration::Entity::update(tracker).exec_without_returning(db).await.map(drop)
                })
            })
            .await;
        for outcome in [InboundOutcome::Test, InboundOutcome::Duplicate] {
            let test = server.state.test_webhook(&github.owner, github.webhook, SendTest::default()).await.unwrap();
            assert_eq!((test.outcome, test.test), (Some(outcome), true), "{kind}");
        }
        assert!(server.issues(github.project).await.is_empty(), "{kind}");
        if provider.inbound_authentication() == Some(InboundAuthentication::Secret) {
            let rotate = RotateWebhook::default();
            let rotated = server.state.rotate_webhook(&github.owner, github.webhook, rotate).await.unwrap();
            let reveal = rotated.reveal.unwrap();
            assert!(reveal.url.is_some() && reveal.secret.is_some());
            let test = server.state.test_webhook(&github.owner, github.webhook, SendTest::default()).await.unwrap();
            assert_eq!(test.status, DeliveryStatus::Delivered);
        }
    }
}

#[tokio::test]
async fn an_inbound_test_needs_an_integration() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let webhook = server.webhook_row(github.webhook).await;
    server.state.delete_integration(&github.owner, github.project).await.unwrap();
    // The webhook was deleted with it.
    let refused = server.state.test_webhook(&github.owner, webhook.id, SendTest::default()).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    assert!(server.received(github.project).await.is_empty());
}

#[tokio::test]
async fn only_admins_send_tests() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (fixture.server.user("Bob", false).await, fixture.server.user("Eve", false).await);
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    assert_eq!(fixture.state().test_webhook(&bob, webhook, SendTest::default()).await.unwrap_err().status(), 403);
    assert_eq!(fixture.state().test_webhook(&eve, webhook, SendTest::default()).await.unwrap_err().status(), 404);
    assert!(fixture.deliveries(webhook).await.is_empty());
}

#[tokio::test]
async fn a_test_can_be_the_sample_of_a_subscribed_event() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/webhooks/{webhook}/test");
    let mut requests = Vec::new();
    for _ in 0..2 {
        let sent = api.post(&path, &json!({"event": "issue.updated"})).await;
        assert_eq!(
            (sent.status, &sent.json["test"], &sent.json["event"]),
            (201, &json!(true), &json!("issue.updated"))
        );
        requests = receiver.requests(requests.len() + 1).await;
        fixture.dispatch_idle().await;
        fixture.advance(DAY);
    }
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    let envelope = requests[0].json();
    assert_eq!((&envelope["data"]["test"], &envelope["project"]["key"]), (&json!(true), &json!("WEB")));
    assert_eq!(event_errors("issue.updated", &envelope), [""; 0]);
    let refused = api.post(&path, &json!({"event": "test_run.completed"})).await;
    assert_eq!(refused.json["errors"]["event"], "The webhook doesn't subscribe to this event.");
}
