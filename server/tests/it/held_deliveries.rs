//! Deliveries held while a webhook is disabled, and what happens to them when a user re-enables it.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::id::WebhookId;
use app::model::live::ChangeKind;
use app::model::people::Role;
use app::model::webhook::{Health, HeldDeliveriesAction, SendTest};
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::app_state::AppState;
use server::dispatch::delivery_queue::{self, ClaimOrder, held};
use server::entity::delivery::StoredStatus;
use server::entity::{delivery, webhook};

use crate::support::outbound::{GONE_ISSUE, OutboundFixture};
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;
use crate::support::{eventually, run_ready_tasks};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A webhook whose receiver responds 410, and fails `more` times after that.
async fn disabled(more: usize) -> (OutboundFixture, Receiver, WebhookId) {
    let fixture = OutboundFixture::start().await;
    let answer = move |n| match n {
        0 => StatusCode::GONE,
        _ if n <= more => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let receiver = Receiver::answering(answer).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    (fixture, receiver, webhook)
}

async fn with(fixture: &OutboundFixture, status: StoredStatus) -> u64 {
    let of_status = delivery::Entity::find().filter(delivery::Column::Status.eq(status));
    of_status.count(fixture.state().store.read()).await.unwrap()
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let sent = receiver.requests_so_far().into_iter().map(|request| request.json());
    sent.filter(|body| body["type"] != "webhook.test" && body["data"]["title"] != GONE_ISSUE)
        .map(|body| body["data"]["title"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn held_deliveries_are_sent_in_order_before_new_ones() {
    let (fixture, receiver, webhook) = disabled(0).await;
    let mut expected = Vec::new();
    for n in 0..40 {
        expected.push(format!("Issue {n}"));
        fixture.issue(&expected[n]).await;
    }
    assert_eq!(fixture.card(webhook).await.held_count, 40);
    let card = fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    assert_eq!((card.health, card.consecutive_failures), (Health::Healthy, 0));
    expected.push("After".to_owned());
    fixture.issue("After").await;
    receiver.requests(42).await;
    assert_eq!(titles(&receiver), expected);
    fixture.wait_for_card(webhook, "nothing is held", |card| card.held_count == 0).await;
    eventually("all are delivered", async || (with(&fixture, StoredStatus::Delivered).await == 41).then_some(())).await;
    let details = fixture.audit_details(AuditAction::WebhookEnabled).await;
    assert_eq!(details, ["Held deliveries will be sent."]);
}

#[tokio::test]
async fn held_deliveries_are_sent_one_at_a_time() {
    let (fixture, _receiver, webhook) = disabled(0).await;
    let mut hanging = RawReceiver::hanging().await;
    let url = app::model::webhook::UpdateWebhook { url: Some(hanging.url()), ..Default::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, url).await.unwrap();
    for n in 0..3 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    for sent in 1..=3 {
        hanging.answered(sent).await;
        fixture.server.dispatch_idle(1).await;
        assert_eq!(hanging.requests_so_far(), sent, "the next one waits for the one before");
        let elsewhere = held::claim_oldest(fixture.state(), webhook).await.unwrap();
        assert!(elsewhere.is_none(), "also on another node");
        assert_eq!(fixture.card(webhook).await.held_count, u32::try_from(3 - sent).unwrap());
        fixture.advance(Duration::from_secs(10));
    }
}

#[tokio::test]
async fn held_deliveries_keep_their_order_after_a_stall() {
    let fixture = OutboundFixture::start().await;
    let gone = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&gone.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    let mut hanging = RawReceiver::hanging().await;
    fixture.set_url(webhook, hanging.url()).await;
    for n in 0..3 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    hanging.answered(1).await;
    // The process was suspended for 20 seconds. Responses that arrived meanwhile are still read.
    fixture.advance(Duration::from_secs(20));
    run_ready_tasks().await;
    fixture.advance(Duration::from_secs(2));
    fixture.wait_for_card(webhook, "it is held again", |card| card.held_count == 3).await;
    for row in delivery::Entity::find().all(fixture.state().store.read()).await.unwrap() {
        if row.status == StoredStatus::Held {
            // Held deliveries are outside of the queue: nothing of the claim is left.
            assert_eq!((row.next_attempt_at, row.lease_until, row.attempts), (None, None, 0));
        }
    }
    let receiver = Receiver::start().await;
    fixture.set_url(webhook, receiver.url("/")).await;
    fixture.issue("After").await;
    fixture.dispatch_idle().await;
    receiver.requests(0).await;
    fixture.advance(Duration::from_secs(11));
    receiver.requests(4).await;
    assert_eq!(titles(&receiver), ["Issue 0", "Issue 1", "Issue 2", "After"]);
}

#[tokio::test]
async fn held_retries_are_sent_too() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n < 10 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.fail_until_disabled(webhook).await;
    assert_eq!(fixture.card(webhook).await.held_count, 10);
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let requests = receiver.requests(20).await;
    let ids = |range: std::ops::Range<usize>| {
        requests[range].iter().map(|request| request.header("webhook-id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(0..10), ids(10..20));
    eventually("each was attempted twice", async || {
        let deliveries = fixture.deliveries(webhook).await;
        deliveries.iter().all(|detail| detail.delivery.attempt_count == 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn held_deliveries_that_fail_disable_the_webhook_again() {
    let (fixture, receiver, webhook) = disabled(10).await;
    for n in 0..15 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    fixture.wait_for_failures(webhook, 5).await;
    fixture.fail_while_degraded(webhook).await;
    fixture.wait_for_card(webhook, "all are held", |card| card.held_count == 15).await;
    fixture.advance(DAY);
    fixture.dispatch_idle().await;
    receiver.requests(11).await;
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    receiver.requests(26).await;
    assert_eq!(titles(&receiver)[10..], (0..15).map(|n| format!("Issue {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn unwanted_held_deliveries_are_cancelled() {
    let (fixture, receiver, webhook) = disabled(0).await;
    fixture.issue("Old news").await;
    fixture.dispatch_idle().await;
    let mut live = fixture.server.changes(fixture.project);
    let card = fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Discard).await.unwrap();
    assert_eq!((card.health, card.held_count), (Health::Healthy, 0));
    let discarded = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!((discarded.status, discarded.attempt_count), (DeliveryStatus::Cancelled, 0));
    assert_eq!(discarded.finished_at, Some(fixture.state().clock.now()));
    assert!(discarded.error.unwrap().contains("Cancelled"));
    let kind = live.try_recv().unwrap().change.kind;
    assert_eq!(kind, ChangeKind::DeliveryChanged { delivery_id: discarded.id, webhook_id: webhook });
    fixture.issue("News").await;
    receiver.requests(2).await;
    assert_eq!(titles(&receiver), ["News"]);
}

/// Adds copies of the only held delivery.
async fn add_held(fixture: &OutboundFixture, count: usize) {
    let state = fixture.state().clone();
    fixture
        .server
        .insert(move |db| {
            Box::pin(async move {
                let held = delivery::Entity::find().filter(delivery::Column::Status.eq(StoredStatus::Held));
                let first = held.one(db).await?.unwrap();
                let rows = (0..count).map(|_| delivery::ActiveModel {
                    id: Set(state.ids.next()),
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
}

#[tokio::test]
async fn many_held_deliveries_are_cancelled_in_batches() {
    let (fixture, _receiver, webhook) = disabled(0).await;
    fixture.issue("Issue").await;
    add_held(&fixture, 2100).await;
    assert_eq!(fixture.card(webhook).await.held_count, 2101);
    let card = fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Discard).await.unwrap();
    assert_eq!((card.health, card.held_count), (Health::Healthy, 0));
    assert_eq!(with(&fixture, StoredStatus::Discarded).await, 2101);
    assert_eq!(fixture.audit_details(AuditAction::WebhookEnabled).await.len(), 1);
}

#[tokio::test]
async fn deliveries_of_a_deleted_webhook_end_in_batches() {
    let (fixture, receiver, webhook) = disabled(0).await;
    fixture.issue("Issue").await;
    add_held(&fixture, 2100).await;
    let OutboundFixture { server, ada, .. } = fixture;
    let limit = u64::from(delivery_queue::MAX_BATCH);
    let without_dispatcher = async |state: &AppState| {
        state.delete_webhook(&ada, webhook).await.unwrap();
        let held = delivery::Entity::find().filter(delivery::Column::Status.eq(StoredStatus::Held));
        let left = held.count(state.store.read()).await.unwrap();
        assert_eq!(left, 2101 - limit, "the deletion itself changes one batch");
        let given_up = delivery_queue::give_up_batch(state, webhook, delivery_queue::WEBHOOK_DELETED).await.unwrap();
        assert!(given_up, "there is more");
    };
    let server = server.restart(without_dispatcher).await;
    let held = || delivery::Entity::find().filter(delivery::Column::Status.eq(StoredStatus::Held));
    eventually("the worker gives up the rest", async || {
        (held().count(server.state.store.read()).await.unwrap() == 0).then_some(())
    })
    .await;
    let given_up = delivery::Entity::find().filter(delivery::Column::Error.eq(delivery_queue::WEBHOOK_DELETED));
    assert_eq!(given_up.count(server.state.store.read()).await.unwrap(), 2101);
    assert_eq!(receiver.requests_so_far().len(), 1, "nothing of it is sent");
    server.stop().await;
}

#[tokio::test]
async fn only_an_admin_enables_a_disabled_webhook() {
    let (fixture, _receiver, webhook) = disabled(0).await;
    let (bob, eve) = (fixture.server.user("Bob", false).await, fixture.server.user("Eve", false).await);
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    let state = fixture.state();
    let status = async |actor, webhook| {
        state.enable_webhook(actor, webhook, HeldDeliveriesAction::Send).await.map_err(|e| e.status())
    };
    assert_eq!(status(&bob, webhook).await.map(drop), Err(403));
    assert_eq!(status(&eve, webhook).await.map(drop), Err(404));
    assert!(status(&fixture.ada, webhook).await.is_ok());
    assert_eq!(status(&fixture.ada, webhook).await.map(drop), Err(409));
    let github = fixture.server.github().await;
    let error = state.enable_webhook(&github.owner, github.webhook, HeldDeliveriesAction::Send).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("never disabled"));
}

#[tokio::test]
async fn the_api_sends_held_deliveries_by_default() {
    let (fixture, receiver, webhook) = disabled(0).await;
    fixture.issue("Held").await;
    let api = fixture.server.api(&fixture.ada).await;
    let reply = api.post(&format!("/webhooks/{webhook}/enable"), &json!({})).await;
    assert_eq!((reply.status, reply.json["health"].as_str()), (200, Some("healthy")), "{}", reply.text);
    receiver.requests(2).await;
    assert_eq!(titles(&receiver), ["Held"]);
    assert_eq!(api.post(&format!("/webhooks/{webhook}/enable"), &json!({})).await.status, 409);
}

#[tokio::test]
async fn held_deliveries_survive_a_restart() {
    let (fixture, receiver, webhook) = disabled(0).await;
    for n in 0..3 {
        fixture.issue(&format!("Issue {n}")).await;
    }
    let OutboundFixture { server, ada, project } = fixture;
    let server = server
        .restart(async |state| {
            // Re-enabled, and killed before the first delivery was claimed.
            state.enable_webhook(&ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
        })
        .await;
    let fixture = OutboundFixture { server, ada, project };
    receiver.requests(4).await;
    assert_eq!(titles(&receiver), ["Issue 0", "Issue 1", "Issue 2"]);
    fixture.wait_for_card(webhook, "nothing is held", |card| card.held_count == 0).await;
}

#[tokio::test]
async fn an_expired_claim_of_a_disabled_webhook_is_held() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "600")])).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It waits").await;
    fixture.wait_for_attempts(webhook, 1).await;
    // Another node claims a delivery and crashes, and the webhook is disabled.
    fixture.issue("It is claimed").await;
    let [orphan] =
        <[_; 1]>::try_from(delivery_queue::claim(fixture.state(), webhook, ClaimOrder::Due, 100).await.unwrap())
            .unwrap();
    let row = webhook::ActiveModel { id: Set(webhook), health: Set(Health::Disabled), ..Default::default() };
    fixture
        .server
        .insert(move |db| Box::pin(async move { webhook::Entity::update(row).exec(db).await.map(drop) }))
        .await;
    fixture.advance(delivery_queue::LEASE_DURATION);
    fixture.wait_for_card(webhook, "both are held", |card| card.held_count == 2).await;
    let detail = fixture.state().delivery(&fixture.ada, orphan.id).await.unwrap();
    assert_eq!((detail.delivery.status, detail.delivery.attempt_count), (DeliveryStatus::Held, 0));
    receiver.requests(1).await;
}

#[tokio::test]
async fn held_deliveries_end_with_their_webhook() {
    let (fixture, receiver, webhook) = disabled(0).await;
    fixture.issue("Held").await;
    fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
    let given_up = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(given_up.status, DeliveryStatus::Cancelled);
    assert_eq!(given_up.error.as_deref(), Some("The webhook was deleted before this was sent."));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
}

#[tokio::test]
async fn held_deliveries_are_kept_without_limit() {
    let (fixture, receiver, webhook) = disabled(0).await;
    fixture.issue("Held").await;
    let test = fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
    fixture.wait_for_card(webhook, "the test arrived", |card| card.last_success_at.is_some()).await;
    fixture.advance(200 * DAY);
    eventually("the test is removed", async || {
        fixture.state().delivery(&fixture.ada, test.id).await.is_err().then_some(())
    })
    .await;
    let query = DeliveryQuery { status: Some(DeliveryStatus::Held), ..DeliveryQuery::default() };
    let held = fixture.state().list_deliveries(&fixture.ada, fixture.project, query).await.unwrap().items;
    assert_eq!(held.len(), 1);
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    receiver.requests(3).await;
    assert_eq!(titles(&receiver), ["Held"]);
}
