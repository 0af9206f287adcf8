//! Tests sent by hand: the same bytes each time, in both directions.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::delivery::{DeliveryStatus, InboundOutcome};
use app::model::people::Role;
use app::model::project::UpdateProject;
use app::service::{Deliveries, Integrations, Projects, Webhooks};
use http::StatusCode;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use server::entity::event;
use standardwebhooks::Webhook;

use crate::support::outbound::Sender;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn each_test_of_a_webhook_is_the_same_to_the_byte_with_the_same_id() {
    let sender = Sender::start().await;
    let receiver = Receiver::start().await;
    let created = sender.webhook(&receiver.url("/")).await;
    let webhook = created.webhook.id;
    let first = sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    receiver.requests(1).await;
    sender.advance(DAY);
    let rename = UpdateProject { key: None, name: Some("Renamed".into()) };
    sender.core().update_project(&sender.ada, sender.project, rename).await.unwrap();
    let second = sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    assert_ne!(one.timestamp(), two.timestamp());
    assert_ne!(first.id, second.id);
    assert!(first.test && second.test && first.replay_of.is_none());
    let stored = event::Entity::find().count(sender.core().store.read()).await.unwrap();
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
    assert!("webhook.test".parse::<EventType>().is_err(), "nobody can subscribe to it");
    assert_eq!(sender.audited(AuditAction::WebhookTested).await.len(), 2);
}

#[tokio::test]
async fn the_tests_of_two_webhooks_have_ids_of_their_own() {
    let sender = Sender::start().await;
    let receiver = Receiver::start().await;
    for _ in 0..2 {
        let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
        sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    }
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_ne!(one.header("webhook-id"), two.header("webhook-id"));
}

#[tokio::test]
async fn a_test_is_attempted_once_and_what_came_of_it_is_shown() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|_| StatusCode::INTERNAL_SERVER_ERROR).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    let api = sender.server.api(&sender.ada).await;
    let sent = api.post(&format!("/webhooks/{webhook}/test"), &json!({})).await;
    assert_eq!(
        (sent.status, sent.json["test"].as_bool(), sent.json["maxAttempts"].as_u64()),
        (201, Some(true), Some(1))
    );
    assert!(sent.location().ends_with(sent.json["id"].as_str().unwrap()));
    let failed = sender.attempted(webhook, 1).await.delivery;
    assert_eq!((failed.status, failed.status_code), (DeliveryStatus::Failed, Some(500)));
    assert_eq!(failed.error.as_deref(), Some("The endpoint answered 500 Internal Server Error."));
    sender.advance(DAY);
    sender.settle().await;
    receiver.requests(1).await;
}

#[tokio::test]
async fn a_test_is_the_same_also_after_all_deliveries_of_it_were_removed() {
    let sender = Sender::on(TestServer::start_with(&["--retention-days", "30"]).await).await;
    let receiver = Receiver::start().await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    let first = sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    sender.attempted(webhook, 1).await;
    sender.advance(40 * DAY);
    eventually("the delivery is removed", async || sender.core().delivery(&sender.ada, first.id).await.err()).await;
    let rename = UpdateProject { key: None, name: Some("Renamed".into()) };
    sender.core().update_project(&sender.ada, sender.project, rename).await.unwrap();
    sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
}

#[tokio::test]
async fn an_inbound_test_goes_through_the_door_touches_no_issue_and_the_second_is_a_duplicate() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let core = &server.core;
    for outcome in [InboundOutcome::Test, InboundOutcome::Duplicate, InboundOutcome::Duplicate] {
        let test = core.test_webhook(&github.owner, github.webhook).await.unwrap();
        assert_eq!(
            (test.outcome, test.status, test.status_code),
            (Some(outcome), DeliveryStatus::Delivered, Some(200))
        );
        assert!(test.test && test.event_id.is_none());
        let detail = core.delivery(&github.owner, test.id).await.unwrap();
        assert_eq!(detail.digest.map(|digest| digest.len()), Some(64));
    }
    assert!(server.issues(github.project).await.is_empty());
    let card = core.webhook(&github.owner, github.webhook).await.unwrap();
    assert_eq!(card.last_success_at, Some(core.clock.now()));

    core.rotate_webhook(&github.owner, github.webhook).await.unwrap();
    let rotated = core.test_webhook(&github.owner, github.webhook).await.unwrap();
    assert_eq!(rotated.status, DeliveryStatus::Delivered, "the new secret verifies");
}

#[tokio::test]
async fn an_inbound_test_without_an_integration_says_why_it_came_to_nothing() {
    let server = TestServer::start().await;
    let github = server.github().await;
    let webhook = server.webhook_row(github.webhook).await;
    server.core.delete_integration(&github.owner, github.project).await.unwrap();
    // Deleted with it: as if the test had been under way.
    let refused = server.core.test_webhook(&github.owner, webhook.id).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    assert!(server.received(github.project).await.is_empty());
}

#[tokio::test]
async fn only_admins_send_tests() {
    let sender = Sender::start().await;
    let webhook = sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    let (bob, eve) = (sender.server.user("Bob", false).await, sender.server.user("Eve", false).await);
    sender.server.join(sender.project, &bob, Role::Member).await;
    assert_eq!(sender.core().test_webhook(&bob, webhook).await.unwrap_err().status(), 403);
    assert_eq!(sender.core().test_webhook(&eve, webhook).await.unwrap_err().status(), 404);
    assert!(sender.deliveries(webhook).await.is_empty());
}
