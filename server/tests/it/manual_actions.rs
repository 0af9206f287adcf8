//! Retry and Cancel of single deliveries and of a selection.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{DeliveryStatus, ManualAction};
use app::model::live::ChangeKind;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::EntityTrait;
use serde_json::json;
use server::entity::event;

use crate::support::inbound::event as github_event;
use crate::support::outbound::OutboundFixture;
use crate::support::raw::RawReceiver;
use crate::support::receiver::Receiver;

/// Responds with a failure to the first `failures` requests.
async fn failing(failures: usize, status: StatusCode) -> (OutboundFixture, Receiver) {
    let receiver = Receiver::answering(move |n| if n < failures { status } else { StatusCode::OK }).await;
    (OutboundFixture::start().await, receiver)
}

#[tokio::test]
async fn a_retry_is_another_attempt_of_an_exhausted_delivery() {
    let (fixture, receiver) = failing(2, StatusCode::NOT_FOUND).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let exhausted = fixture.wait_for_attempts(webhook, 1).await.delivery;
    assert_eq!(exhausted.status, DeliveryStatus::Exhausted);
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/deliveries/{}/retry", exhausted.id);
    let mut live = fixture.server.changes(fixture.project);
    let retried = api.post(&path, &json!({})).await;
    assert_eq!((retried.status, retried.json["status"].as_str()), (200, Some("failed")), "{}", retried.text);
    assert!(retried.json["nextAttemptAt"].is_string() && retried.json["finishedAt"].is_null());
    let kind = live.recv().await.unwrap().change.kind;
    assert_eq!(kind, ChangeKind::DeliveryChanged { delivery_id: exhausted.id, webhook_id: webhook });
    let again = fixture.wait_for_attempts(webhook, 2).await.delivery;
    assert_eq!(again.status, DeliveryStatus::Exhausted, "it fails again");
    assert_eq!(api.post(&path, &json!({})).await.status, 200);
    let delivered = fixture.wait_for_attempts(webhook, 3).await;
    assert_eq!((delivered.delivery.status, delivered.delivery.error), (DeliveryStatus::Delivered, None));
    let numbers: Vec<_> = delivered.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!((numbers, delivered.chain.len()), (vec![1, 2, 3], 0), "no new delivery");
    let [one, _, three] = <[_; 3]>::try_from(receiver.requests(3).await).unwrap();
    assert_eq!((one.header("webhook-id"), one.body.clone()), (three.header("webhook-id"), three.body.clone()));
    assert_eq!(fixture.audit_details(AuditAction::DeliveriesRetried).await.len(), 2);
}

#[tokio::test]
async fn a_retry_after_the_last_attempt_is_one_attempt() {
    let (fixture, receiver) = failing(usize::MAX, StatusCode::BAD_GATEWAY).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    for made in 1..8 {
        fixture.wait_for_attempts(webhook, made).await;
        fixture.advance(Duration::from_secs(13 * 60 * 60));
    }
    let exhausted = fixture.wait_for_attempts(webhook, 8).await.delivery;
    assert_eq!((exhausted.status, exhausted.max_attempts), (DeliveryStatus::Exhausted, 8));
    fixture.state().change_delivery(&fixture.ada, exhausted.id, ManualAction::Retry).await.unwrap();
    let again = fixture.wait_for_attempts(webhook, 9).await.delivery;
    assert_eq!((again.status, again.max_attempts), (DeliveryStatus::Exhausted, 9));
}

#[tokio::test]
async fn a_failed_delivery_is_retried_without_waiting() {
    let (fixture, receiver) = failing(1, StatusCode::BAD_GATEWAY).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let failed = fixture.wait_for_attempts(webhook, 1).await.delivery;
    assert_eq!(failed.status, DeliveryStatus::Failed);
    fixture.state().change_delivery(&fixture.ada, failed.id, ManualAction::Retry).await.unwrap();
    let delivered = fixture.wait_for_attempts(webhook, 2).await.delivery;
    assert_eq!(delivered.status, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn a_cancelled_delivery_is_not_sent() {
    let (fixture, receiver) = failing(1, StatusCode::BAD_GATEWAY).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let failed = fixture.wait_for_attempts(webhook, 1).await.delivery;
    let api = fixture.server.api(&fixture.ada).await;
    let cancelled = api.post(&format!("/deliveries/{}/cancel", failed.id), &json!({})).await;
    assert_eq!((cancelled.status, cancelled.json["status"].as_str()), (200, Some("cancelled")), "{}", cancelled.text);
    assert_eq!(cancelled.json["error"], "Cancelled by Ada.");
    assert!(cancelled.json["nextAttemptAt"].is_null() && cancelled.json["finishedAt"].is_string());
    fixture.advance(Duration::from_secs(60));
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
    assert_eq!(api.post(&format!("/deliveries/{}/cancel", failed.id), &json!({})).await.status, 409);
    let replay = api.post(&format!("/deliveries/{}/replay", failed.id), &json!({})).await;
    assert_eq!(replay.status, 201, "it can be sent as a new delivery");
    assert_eq!(fixture.audit_details(AuditAction::DeliveriesCancelled).await.len(), 1);
}

#[tokio::test]
async fn a_selection_is_retried_or_cancelled_where_possible() {
    let (fixture, receiver) = failing(3, StatusCode::BAD_GATEWAY).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for n in 0..4 {
        fixture.issue(&format!("Issue {n}")).await;
        fixture.dispatch_idle().await;
    }
    let ids: Vec<_> = fixture.deliveries(webhook).await.iter().rev().map(|detail| detail.delivery.id).collect();
    let api = fixture.server.api(&fixture.ada).await;
    let change = async |path: &str, ids: &[_]| {
        let reply = api.post(path, &json!({ "ids": ids })).await;
        let changed: Vec<_> =
            reply.json["changed"].as_array().unwrap().iter().map(|delivery| delivery["id"].clone()).collect();
        (changed, reply.json["skipped"].as_u64().unwrap())
    };
    assert_eq!(change("/deliveries/cancel", &ids[2..]).await, (vec![json!(ids[2])], 1), "the last one was delivered");
    let retried = change("/deliveries/retry", &ids).await;
    assert_eq!(retried, (vec![json!(ids[0]), json!(ids[1])], 2));
    receiver.requests(6).await;
    assert_eq!(fixture.audit_details(AuditAction::DeliveriesCancelled).await, ["1 cancelled, 1 skipped."]);
    assert_eq!(fixture.audit_details(AuditAction::DeliveriesRetried).await, ["2 retried, 2 skipped."]);
    let none = api.post("/deliveries/retry", &json!({"ids": []})).await;
    assert_eq!(none.status, 422);
    let many: Vec<_> = (0..101).map(|_| ids[0]).collect();
    let many = api.post("/deliveries/cancel", &json!({ "ids": many })).await;
    assert!(many.status == 422 && many.text.contains("Nothing was cancelled"), "{}", many.text);
}

#[tokio::test]
async fn a_retry_that_is_not_possible_says_why() {
    let (fixture, receiver) = failing(1, StatusCode::NOT_FOUND).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let exhausted = fixture.wait_for_attempts(webhook, 1).await.delivery;
    let state = fixture.state();
    let why = async |id, action| {
        let error = state.change_delivery(&fixture.ada, id, action).await.unwrap_err();
        (error.status(), error.to_string())
    };
    let (status, text) = why(exhausted.id, ManualAction::Cancel).await;
    assert!(status == 409 && text.contains("pending, failed and held"), "{text}");
    fixture.issue("Fine").await;
    fixture.dispatch_idle().await;
    let delivered = fixture.deliveries(webhook).await.remove(0).delivery.id;
    let (status, text) = why(delivered, ManualAction::Retry).await;
    assert!(status == 409 && text.contains("replay the delivery"), "{text}");
    let lost = exhausted.event_id.unwrap();
    fixture
        .server
        .insert(move |db| Box::pin(async move { event::Entity::delete_by_id(lost).exec(db).await.map(drop) }))
        .await;
    let (status, text) = why(exhausted.id, ManualAction::Retry).await;
    assert!(status == 409 && text.contains("no longer stored"), "{text}");
    state.delete_webhook(&fixture.ada, webhook).await.unwrap();
    let (status, text) = why(exhausted.id, ManualAction::Retry).await;
    assert!(status == 409 && text.contains("webhook was deleted"), "{text}");

    let github = fixture.server.github().await;
    fixture.server.outcome(&github, "issues", github_event("opened", "It breaks", 1)).await;
    let inbound = fixture.server.received(github.project).await.remove(0).id;
    let error = state.change_delivery(&github.owner, inbound, ManualAction::Retry).await.unwrap_err();
    assert_eq!(error.status(), 422, "{error}");
}

#[tokio::test]
async fn deliveries_of_a_disabled_webhook_are_not_retried() {
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::NOT_FOUND } else { StatusCode::GONE }).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let exhausted = fixture.wait_for_attempts(webhook, 1).await.delivery.id;
    fixture.disable(webhook).await;
    fixture.issue("Held").await;
    let held = fixture.deliveries(webhook).await.remove(0).delivery;
    for (id, text) in [(exhausted, "disabled"), (held.id, "held")] {
        let error = fixture.state().change_delivery(&fixture.ada, id, ManualAction::Retry).await.unwrap_err();
        assert!(error.status() == 409 && error.to_string().contains(text), "{error}");
    }
    let cancelled = fixture.state().change_delivery(&fixture.ada, held.id, ManualAction::Cancel).await.unwrap();
    assert_eq!(cancelled.status, DeliveryStatus::Cancelled);
    assert_eq!(fixture.card(webhook).await.held_count, 0);
}

#[tokio::test]
async fn an_attempt_in_flight_is_left_alone() {
    let fixture = OutboundFixture::start().await;
    let mut receiver = RawReceiver::hanging().await;
    let webhook = fixture.webhook(&receiver.url()).await.webhook.id;
    fixture.issue("It hangs").await;
    receiver.answered(1).await;
    let id = fixture.deliveries(webhook).await.remove(0).delivery.id;
    for action in [ManualAction::Retry, ManualAction::Cancel] {
        let error = fixture.state().change_delivery(&fixture.ada, id, action).await.unwrap_err();
        assert!(error.status() == 409 && error.to_string().contains("in flight"), "{error}");
    }
}
