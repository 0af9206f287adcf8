//! Erasing a payload or responses of a delivery for good.

use std::time::Duration;

use app::model::audit::AuditAction;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::entity::delivery::StoredStatus;
use server::entity::event;

use crate::support::history::HistoryFixture;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_payload_is_erased_in_all_deliveries_of_its_event() {
    let fixture = HistoryFixture::start().await;
    fixture.webhook().await;
    fixture.webhook().await;
    fixture.deliver(&["Confidential"]).await;
    let [one, other] = <[_; 2]>::try_from(fixture.deliveries().await).unwrap();
    assert!(fixture.detail(one.id).await["body"].as_str().unwrap().contains("Confidential"));
    assert_eq!(fixture.erase(one.id, json!({"part": "payload"})).await.status, 204);
    for row in [&one, &other] {
        let detail = fixture.detail(row.id).await;
        assert_eq!((&detail["body"], &detail["payloadErased"]["by"]), (&Value::Null, &json!("Ada")));
        assert_eq!(detail["attempts"][0]["requestBody"], Value::Null);
    }
    let db = fixture.outbound.state().store.read();
    assert_eq!(event::Entity::find().filter(event::Column::Body.contains("Confidential")).count(db).await.unwrap(), 0);
    let replayed = fixture.api.post(&format!("/deliveries/{}/replay", one.id), &json!({})).await;
    assert_eq!(replayed.status, 409, "{}", replayed.text);
    assert_eq!(fixture.erase(other.id, json!({"part": "payload"})).await.status, 409, "nothing is left");
    let details = fixture.outbound.audit_details(AuditAction::ContentErased).await;
    assert_eq!(details, ["Payload erased, in all deliveries of the event."]);
}

#[tokio::test]
async fn what_is_still_to_be_sent_is_not_erased() {
    let fixture = HistoryFixture::start().await;
    let gone = Receiver::answering(|_| http::StatusCode::GONE).await;
    let webhook = fixture.outbound.webhook(&gone.url("/")).await.webhook.id;
    fixture.outbound.disable(webhook).await;
    fixture.deliver(&["Held"]).await;
    let held = fixture.deliveries().await.into_iter().find(|row| row.status == StoredStatus::Held).unwrap();
    let refused = fixture.erase(held.id, json!({"part": "payload"})).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let test = fixture.api.post(&format!("/webhooks/{webhook}/test"), &json!({})).await.json;
    fixture.outbound.dispatch_idle().await;
    let test = test["id"].as_str().unwrap().parse().unwrap();
    let refused = fixture.erase(test, json!({"part": "payload"})).await;
    assert!(refused.status == 409 && refused.text.contains("test event"), "{}", refused.text);
    let sample = json!({"event": "issue.created"});
    let sample = fixture.api.post(&format!("/webhooks/{webhook}/test"), &sample).await.json;
    fixture.outbound.dispatch_idle().await;
    let refused = fixture.erase(sample["id"].as_str().unwrap().parse().unwrap(), json!({"part": "payload"})).await;
    assert!(refused.status == 409 && refused.text.contains("test event"), "{}", refused.text);
}

#[tokio::test]
async fn a_response_is_erased_for_one_or_all_attempts() {
    let fixture = HistoryFixture::start().await;
    let failing = Receiver::answering(|_| (http::StatusCode::INTERNAL_SERVER_ERROR, "stack trace")).await;
    let webhook = fixture.outbound.webhook(&failing.url("/")).await.webhook.id;
    fixture.outbound.issue("One").await;
    fixture.outbound.wait_for_attempts(webhook, 1).await;
    fixture.outbound.advance(Duration::from_secs(60));
    let row = fixture.outbound.wait_for_attempts(webhook, 2).await;
    let id = row.delivery.id;
    let bodies = async || {
        let detail = fixture.detail(id).await;
        let attempts = detail["attempts"].as_array().unwrap().clone();
        attempts.into_iter().map(|attempt| attempt["responseBody"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(fixture.erase(id, json!({"part": "response", "attempt": 1})).await.status, 204);
    assert_eq!(bodies().await, [Value::Null, json!("stack trace")]);
    assert_eq!(fixture.erase(id, json!({"part": "response"})).await.status, 204);
    assert_eq!(bodies().await, [Value::Null, Value::Null]);
    let detail = fixture.detail(id).await;
    assert_eq!(detail["attempts"][0]["responseErased"]["by"], "Ada");
    assert_eq!(detail["attempts"][0]["responseHeaders"], json!([]));
    assert_eq!(fixture.erase(id, json!({"part": "response"})).await.status, 409);
    let details = fixture.outbound.audit_details(AuditAction::ContentErased).await;
    assert_eq!(details, ["Response of attempt 1 erased.", "All responses erased."]);
}
