//! What waits while a webhook is disabled, and what becomes of it when a person enables it again.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::id::WebhookId;
use app::model::live::What;
use app::model::people::Role;
use app::model::webhook::{Health, Held};
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::dispatch::queue;
use server::entity::delivery;

use crate::support::eventually;
use crate::support::outbound::Sender;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A webhook that ten tests have disabled; its receiver fails `more` times after them.
async fn disabled(more: usize) -> (Sender, Receiver, WebhookId) {
    let sender = Sender::start().await;
    let answer = move |n| if n < 10 + more { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.disable(webhook).await;
    (sender, receiver, webhook)
}

async fn with(sender: &Sender, status: DeliveryStatus) -> u64 {
    let of_status = delivery::Entity::find().filter(delivery::Column::Status.eq(status));
    of_status.count(sender.core().store.read()).await.unwrap()
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let sent = receiver.so_far().into_iter().map(|request| request.json());
    sent.filter(|body| body["type"] != "webhook.test")
        .map(|body| body["data"]["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_is_held_is_sent_in_order_and_then_what_happens_next() {
    let (sender, receiver, webhook) = disabled(0).await;
    let mut expected = Vec::new();
    for n in 0..40 {
        expected.push(format!("Issue {n}"));
        sender.issue(&expected[n]).await;
    }
    assert_eq!(sender.card(webhook).await.held, 40);
    let card = sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0));
    expected.push("After".to_owned());
    sender.issue("After").await;
    receiver.requests(51).await;
    assert_eq!(titles(&receiver), expected);
    sender.card_when(webhook, "nothing is held", |card| card.held == 0).await;
    eventually("all are delivered", async || (with(&sender, DeliveryStatus::Delivered).await == 41).then_some(()))
        .await;
    let said = sender.audited(AuditAction::WebhookEnabled).await;
    assert_eq!(said, ["What was held is sent, the oldest first."]);
}

#[tokio::test]
async fn a_backlog_goes_out_one_at_a_time() {
    let (sender, _receiver, webhook) = disabled(0).await;
    let mut hanging = RawReceiver::hanging().await;
    let url = app::model::webhook::UpdateWebhook { url: Some(hanging.url()), ..Default::default() };
    sender.core().update_webhook(&sender.ada, webhook, url).await.unwrap();
    for n in 0..3 {
        sender.issue(&format!("Issue {n}")).await;
    }
    sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    for sent in 1..=3 {
        hanging.answered(sent).await;
        sender.settle().await;
        assert_eq!(hanging.so_far(), sent, "the next one waits for the one before");
        assert_eq!(sender.card(webhook).await.held, u32::try_from(3 - sent).unwrap());
        sender.advance(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn what_waited_for_another_attempt_has_its_turn_too() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n < 10 { StatusCode::NOT_FOUND } else { StatusCode::OK }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    for n in 0..10 {
        sender.issue(&format!("Issue {n}")).await;
        sender.failed(webhook, n + 1).await;
    }
    assert_eq!(sender.card(webhook).await.held, 10);
    sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    let requests = receiver.requests(20).await;
    let ids = |range: std::ops::Range<usize>| {
        requests[range].iter().map(|request| request.header("webhook-id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(0..10), ids(10..20));
    sender.card_when(webhook, "nothing is held", |card| card.held == 0).await;
    assert!(sender.deliveries(webhook).await.iter().all(|detail| detail.delivery.attempts == 2));
}

#[tokio::test]
async fn a_backlog_that_fails_again_disables_again_and_the_rest_stays_held() {
    let (sender, receiver, webhook) = disabled(10).await;
    for n in 0..15 {
        sender.issue(&format!("Issue {n}")).await;
    }
    sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    sender.card_when(webhook, "disabled again", |card| card.health == Health::Disabled).await;
    sender.card_when(webhook, "all are held", |card| card.held == 15).await;
    sender.advance(DAY);
    sender.settle().await;
    receiver.requests(20).await;
    sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    receiver.requests(35).await;
    assert_eq!(titles(&receiver)[10..], (0..15).map(|n| format!("Issue {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_not_wanted_is_discarded_and_says_so() {
    let (sender, receiver, webhook) = disabled(0).await;
    sender.issue("Old news").await;
    let mut live = sender.core().hub.subscribe(sender.project, None).0;
    let card = sender.core().enable_webhook(&sender.ada, webhook, Held::Discard).await.unwrap();
    assert_eq!((card.health, card.held), (Health::Healthy, 0));
    let discarded = sender.deliveries(webhook).await.remove(0).delivery;
    assert_eq!((discarded.status, discarded.attempts), (DeliveryStatus::Discarded, 0));
    assert_eq!(discarded.finished_at, Some(sender.core().clock.now()));
    assert!(discarded.error.unwrap().contains("discarded"));
    let what = live.try_recv().unwrap().change.what;
    assert_eq!(what, What::DeliveryChanged { delivery_id: discarded.id, webhook_id: webhook });
    sender.issue("News").await;
    receiver.requests(11).await;
    assert_eq!(titles(&receiver), ["News"]);
}

#[tokio::test]
async fn a_long_backlog_is_discarded_in_several_changes_and_only_the_last_one_enables() {
    let (sender, _receiver, webhook) = disabled(0).await;
    sender.issue("Issue").await;
    let core = sender.core().clone();
    sender
        .server
        .insert(move |db| {
            Box::pin(async move {
                let held = delivery::Entity::find().filter(delivery::Column::Status.eq(DeliveryStatus::Held));
                let first = held.one(db).await?.unwrap();
                let rows = (0..2100).map(|_| delivery::ActiveModel {
                    id: Set(core.ids.next()),
                    ..delivery::ActiveModel::from(first.clone())
                });
                let mut rows: Vec<_> = rows.map(sea_orm::ActiveModelTrait::reset_all).collect();
                while !rows.is_empty() {
                    let some = rows.split_off(rows.len().saturating_sub(500));
                    delivery::Entity::insert_many(some).exec_without_returning(db).await?;
                }
                Ok(())
            })
        })
        .await;
    assert_eq!(sender.card(webhook).await.held, 2101);
    let card = sender.core().enable_webhook(&sender.ada, webhook, Held::Discard).await.unwrap();
    assert_eq!((card.health, card.held), (Health::Healthy, 0));
    assert_eq!(with(&sender, DeliveryStatus::Discarded).await, 2101);
    assert_eq!(sender.audited(AuditAction::WebhookEnabled).await.len(), 1);
}

#[tokio::test]
async fn only_a_disabled_outbound_webhook_is_enabled_and_only_by_an_admin() {
    let (sender, _receiver, webhook) = disabled(0).await;
    let (bob, eve) = (sender.server.user("Bob", false).await, sender.server.user("Eve", false).await);
    sender.server.join(sender.project, &bob, Role::Member).await;
    let core = sender.core();
    let status = async |actor, webhook| core.enable_webhook(actor, webhook, Held::Send).await.map_err(|e| e.status());
    assert_eq!(status(&bob, webhook).await.map(drop), Err(403));
    assert_eq!(status(&eve, webhook).await.map(drop), Err(404));
    assert!(status(&sender.ada, webhook).await.is_ok());
    assert_eq!(status(&sender.ada, webhook).await.map(drop), Err(409));
    let github = sender.server.github().await;
    let error = core.enable_webhook(&github.owner, github.webhook, Held::Send).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("never disabled"));
}

#[tokio::test]
async fn over_the_api_what_is_held_is_sent_unless_told_otherwise() {
    let (sender, receiver, webhook) = disabled(0).await;
    sender.issue("Held").await;
    let api = sender.server.api(&sender.ada).await;
    let reply = api.post(&format!("/webhooks/{webhook}/enable"), &json!({})).await;
    assert_eq!((reply.status, reply.json["health"].as_str()), (200, Some("healthy")), "{}", reply.text);
    receiver.requests(11).await;
    assert_eq!(titles(&receiver), ["Held"]);
    assert_eq!(api.post(&format!("/webhooks/{webhook}/enable"), &json!({})).await.status, 409);
}

#[tokio::test]
async fn a_backlog_survives_a_restart() {
    let (sender, receiver, webhook) = disabled(0).await;
    for n in 0..3 {
        sender.issue(&format!("Issue {n}")).await;
    }
    let Sender { server, ada, project } = sender;
    let server = server
        .restart(async |core| {
            // Enabled, and killed before the first one was claimed.
            core.enable_webhook(&ada, webhook, Held::Send).await.unwrap();
        })
        .await;
    let sender = Sender { server, ada, project };
    receiver.requests(13).await;
    assert_eq!(titles(&receiver), ["Issue 0", "Issue 1", "Issue 2"]);
    sender.card_when(webhook, "nothing is held", |card| card.held == 0).await;
}

#[tokio::test]
async fn what_another_node_claimed_and_lost_is_held_and_not_attempted() {
    let sender = Sender::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = sender.webhook(&receiver.url()).await.webhook.id;
    for n in 0..65 {
        sender.issue(&format!("Issue {n}")).await;
    }
    receiver.answered(64).await;
    let [orphan] = <[_; 1]>::try_from(queue::claim(sender.core(), webhook, 100).await.unwrap()).unwrap();
    sender.advance(Duration::from_secs(10));
    sender.card_when(webhook, "disabled", |card| card.held == 64 && card.health == Health::Disabled).await;
    sender.advance(queue::LEASE);
    sender.card_when(webhook, "all are held", |card| card.held == 65).await;
    let detail = sender.core().delivery(&sender.ada, orphan.id).await.unwrap();
    assert_eq!((detail.delivery.status, detail.delivery.attempts), (DeliveryStatus::Held, 0));
    assert_eq!(receiver.so_far(), 64);
}

#[tokio::test]
async fn what_is_held_is_given_up_with_its_webhook() {
    let (sender, receiver, webhook) = disabled(0).await;
    sender.issue("Held").await;
    sender.core().delete_webhook(&sender.ada, webhook).await.unwrap();
    let given_up = sender.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(given_up.status, DeliveryStatus::Failed);
    assert_eq!(given_up.error.as_deref(), Some("The webhook was deleted before this was sent."));
    sender.settle().await;
    receiver.requests(10).await;
}

#[tokio::test]
async fn what_is_held_is_kept_however_long() {
    let (sender, receiver, webhook) = disabled(0).await;
    sender.issue("Held").await;
    let test = sender.core().test_webhook(&sender.ada, webhook).await.unwrap();
    sender.card_when(webhook, "the test arrived", |card| card.consecutive_failures == 0).await;
    sender.advance(200 * DAY);
    eventually("the test is removed", async || {
        sender.core().delivery(&sender.ada, test.id).await.is_err().then_some(())
    })
    .await;
    let query = DeliveryQuery { status: Some(DeliveryStatus::Held), ..DeliveryQuery::default() };
    let held = sender.core().list_deliveries(&sender.ada, sender.project, query).await.unwrap().items;
    assert_eq!(held.len(), 1);
    sender.core().enable_webhook(&sender.ada, webhook, Held::Send).await.unwrap();
    receiver.requests(12).await;
    assert_eq!(titles(&receiver), ["Held"]);
}
