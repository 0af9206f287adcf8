//! Active and inactive webhooks: what happens to events, and what activation does.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{DeliveryStatus, ManualAction};
use app::model::id::WebhookId;
use app::model::live::ChangeKind;
use app::model::webhook::{Health, HeldDeliveriesAction, SendTest, UpdateWebhook};
use app::model::webhook_activity::WhileInactive;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::delivery::{self, StoredStatus};

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

async fn inactive(while_inactive: WhileInactive, receiver: &Receiver) -> (OutboundFixture, WebhookId) {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let change = UpdateWebhook { while_inactive: Some(while_inactive), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
    let shown = fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!((shown.active, shown.while_inactive, shown.health), (false, while_inactive, Health::Healthy));
    fixture.dispatch_idle().await;
    (fixture, webhook)
}

/// The titles and statuses of the deliveries, oldest first.
async fn statuses(fixture: &OutboundFixture, webhook: WebhookId) -> Vec<(String, DeliveryStatus)> {
    let deliveries = fixture.deliveries(webhook).await.into_iter().rev();
    deliveries.map(|detail| (detail.delivery.subject.unwrap(), detail.delivery.status)).collect()
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let sent = receiver.requests_so_far().into_iter().map(|request| request.json());
    sent.map(|body| body["data"]["title"].as_str().unwrap_or("test").to_owned()).collect()
}

#[tokio::test]
async fn events_are_held_and_sent_in_order_after_activation() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = inactive(WhileInactive::Hold, &receiver).await;
    for title in ["One", "Two", "Three"] {
        fixture.issue(title).await;
    }
    fixture.advance(Duration::from_secs(60));
    fixture.dispatch_idle().await;
    assert!(titles(&receiver).is_empty());
    assert_eq!(fixture.card(webhook).await.held_count, 3);
    let api = fixture.server.api(&fixture.ada).await;
    let activated = api.post(&format!("/webhooks/{webhook}/activate"), &json!({})).await;
    assert_eq!((activated.status, activated.json["active"].as_bool()), (200, Some(true)), "{}", activated.text);
    receiver.requests(3).await;
    assert_eq!(titles(&receiver), ["One", "Two", "Three"]);
    fixture.issue("Four").await;
    receiver.requests(4).await;
    assert_eq!(fixture.audit_details(AuditAction::WebhookDeactivated).await, ["Events are held."]);
    assert_eq!(fixture.audit_details(AuditAction::WebhookActivated).await, ["Held deliveries will be sent."]);
}

#[tokio::test]
async fn held_events_are_cancelled_on_request() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = inactive(WhileInactive::Hold, &receiver).await;
    fixture.issue("Old news").await;
    let api = fixture.server.api(&fixture.ada).await;
    let body = json!({"heldDeliveries": "discard"});
    assert_eq!(api.post(&format!("/webhooks/{webhook}/activate"), &body).await.status, 200);
    fixture.issue("News").await;
    receiver.requests(1).await;
    assert_eq!(titles(&receiver), ["News"]);
    let cancelled = fixture.deliveries(webhook).await.remove(1).delivery;
    assert_eq!(cancelled.error.as_deref(), Some("Cancelled when the webhook was activated."));
}

#[tokio::test]
async fn dropped_events_are_cancelled_and_can_be_replayed() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = inactive(WhileInactive::Drop, &receiver).await;
    fixture.issue("Dropped").await;
    fixture.dispatch_idle().await;
    assert_eq!(statuses(&fixture, webhook).await, [("Dropped".to_owned(), DeliveryStatus::Cancelled)]);
    let dropped = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(dropped.error.as_deref(), Some("The webhook was inactive."));
    assert!(dropped.finished_at.is_some());
    fixture.state().activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    fixture.dispatch_idle().await;
    assert!(titles(&receiver).is_empty());
    fixture.state().replay_delivery(&fixture.ada, dropped.id).await.unwrap();
    receiver.requests(1).await;
    assert_eq!(titles(&receiver), ["Dropped"]);
}

#[tokio::test]
async fn what_waits_is_held_or_cancelled_at_deactivation() {
    for (while_inactive, status) in
        [(WhileInactive::Hold, DeliveryStatus::Held), (WhileInactive::Drop, DeliveryStatus::Cancelled)]
    {
        let receiver = Receiver::answering(|_| StatusCode::BAD_GATEWAY).await;
        let fixture = OutboundFixture::start().await;
        let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
        let change = UpdateWebhook { while_inactive: Some(while_inactive), ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
        fixture.issue("Failed").await;
        fixture.wait_for_attempts(webhook, 1).await;
        fixture.dispatch_idle().await;
        let mut live = fixture.server.changes(fixture.project);
        fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
        fixture.wait_for_delivery(webhook, "held or cancelled", |detail| detail.delivery.status == status).await;
        let id = fixture.deliveries(webhook).await.remove(0).delivery.id;
        let changed = ChangeKind::DeliveryChanged { delivery_id: id, webhook_id: webhook };
        while live.recv().await.unwrap().change.kind != changed {}
        fixture.advance(Duration::from_secs(60));
        fixture.dispatch_idle().await;
        receiver.requests(1).await;
    }
}

#[tokio::test]
async fn a_long_queue_is_cancelled_in_batches() {
    let receiver = Receiver::answering(|_| StatusCode::BAD_GATEWAY).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let change = UpdateWebhook { while_inactive: Some(WhileInactive::Drop), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
    fixture.issue("Failed").await;
    fixture.wait_for_attempts(webhook, 1).await;
    fixture.dispatch_idle().await;
    let first = delivery::Entity::find().one(fixture.state().store.read()).await.unwrap().unwrap();
    for _ in 0..5 {
        let rows: Vec<_> = (0..500)
            .map(|_| {
                let row = delivery::Model { id: fixture.state().ids.next(), ..first.clone() };
                row.into_active_model().reset_all()
            })
            .collect();
        let insert = delivery::Entity::insert_many(rows);
        fixture
            .server
            .insert(move |db| Box::pin(async move { insert.exec_without_returning(db).await.map(drop) }))
            .await;
    }
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    eventually("all are cancelled", async || {
        let cancelled = delivery::Entity::find().filter(delivery::Column::Status.eq(StoredStatus::Discarded));
        (cancelled.count(fixture.state().store.read()).await.unwrap() == 2501).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_test_is_sent_while_a_webhook_is_inactive() {
    for while_inactive in [WhileInactive::Hold, WhileInactive::Drop] {
        let receiver = Receiver::start().await;
        let (fixture, webhook) = inactive(while_inactive, &receiver).await;
        fixture.state().test_webhook(&fixture.ada, webhook, SendTest::default()).await.unwrap();
        let tested = fixture.wait_for_attempts(webhook, 1).await.delivery;
        assert_eq!(tested.status, DeliveryStatus::Delivered);
        receiver.requests(1).await;
        assert!(!fixture.card(webhook).await.active);
    }
}

#[tokio::test]
async fn activity_and_health_are_separate() {
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::GONE } else { StatusCode::OK }).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    let state = fixture.state();
    let shown = state.deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    assert_eq!((shown.active, shown.health), (false, Health::Disabled));
    fixture.issue("Held").await;
    let shown = state.activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    assert_eq!((shown.active, shown.health, shown.held_count), (true, Health::Disabled, 1));
    state.deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    let shown = state.enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    assert_eq!((shown.active, shown.health, shown.held_count), (false, Health::Healthy, 1));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
    state.activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    receiver.requests(2).await;
}

#[tokio::test]
async fn a_delivery_of_an_inactive_webhook_is_not_retried() {
    let receiver = Receiver::answering(|_| StatusCode::NOT_FOUND).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let exhausted = fixture.wait_for_attempts(webhook, 1).await.delivery.id;
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    let error = fixture.state().change_delivery(&fixture.ada, exhausted, ManualAction::Retry).await.unwrap_err();
    assert!(error.status() == 409 && error.to_string().contains("inactive"), "{error}");
    let replay = fixture.state().replay_delivery(&fixture.ada, exhausted).await.unwrap();
    assert_eq!(replay.status, DeliveryStatus::Held);
}

#[tokio::test]
async fn a_repeated_change_and_an_inbound_webhook_are_refused() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = inactive(WhileInactive::Hold, &receiver).await;
    let api = fixture.server.api(&fixture.ada).await;
    let again = fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap_err();
    assert_eq!(again.status(), 409);
    let wrong = api.patch(&format!("/webhooks/{webhook}"), &json!({"whileInactive": "forget"})).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text);
    let github = fixture.server.github().await;
    let inbound = fixture.state().list_webhooks(&github.owner, github.project, Default::default()).await.unwrap();
    let id = inbound.items[0].id;
    assert_eq!(fixture.state().deactivate_webhook(&github.owner, id).await.unwrap_err().status(), 422);
}

#[tokio::test]
async fn a_webhook_is_created_inactive() {
    let receiver = Receiver::start().await;
    let fixture = OutboundFixture::start().await;
    let root = fixture.server.api(&fixture.server.user("Root", true).await).await;
    assert_eq!(root.patch("/settings", &json!({"maxActiveWebhooks": 1})).await.status, 200);
    fixture.webhook(&receiver.url("/first")).await;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks", fixture.project);
    let mut new = json!({"name": "Later", "url": receiver.url("/later"), "events": ["issue.*"]});
    assert_eq!(api.post(&path, &new).await.status, 409, "another active one is too many");
    new["active"] = json!(false);
    let created = api.post(&path, &new).await;
    let shown = &created.json["webhook"];
    assert_eq!((created.status, &shown["active"]), (201, &json!(false)), "{}", created.text);
    let id: WebhookId = serde_json::from_value(shown["id"].clone()).unwrap();
    let details = fixture.audit_details(AuditAction::WebhookCreated).await;
    assert!(details.iter().any(|detail| detail == "Inactive"), "{details:?}");

    fixture.issue("Held").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    assert_eq!(statuses(&fixture, id).await, [("Held".to_owned(), DeliveryStatus::Held)]);
    assert_eq!(root.patch("/settings", &json!({"maxActiveWebhooks": 2})).await.status, 200);
    assert_eq!(api.post(&format!("/webhooks/{id}/activate"), &json!({})).await.status, 200);
    assert_eq!(receiver.requests(2).await[1].uri.path(), "/later");
}
