//! Missed events of a webhook with conditions.

use app::model::id::EventId;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::json;
use server::entity::event;

use super::{SECOND, SINCE, count, progress, start};
use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn only_events_that_meet_the_conditions_are_missed() {
    let fixture = OutboundFixture::start().await;
    fixture.issue("Payment fails").await;
    fixture.issue("Slow login").await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    let rules = json!([{"path": "data.title", "operator": "contains", "value": "Payment"}]);
    let body = json!({"conditions": {"match": "all", "rules": rules}});
    let changed = api.patch(&format!("/webhooks/{webhook}"), &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(count(&api, webhook, "missed").await, 1);
}

/// Events that meet no condition.
async fn other_events(fixture: &OutboundFixture, count: usize) {
    let state = fixture.state();
    for _ in 0..count / 500 {
        let rows = (0..500).map(|_| event::ActiveModel {
            id: Set(state.ids.next::<EventId>()),
            project_id: Set(fixture.project),
            event_type: Set("issue.created".to_owned()),
            body: Set("{}".to_owned()),
            occurred_at: Set(state.clock.now()),
            erased_at: Set(None),
            erased_by: Set(None),
        });
        event::Entity::insert_many(rows).exec_without_returning(state.store.read()).await.unwrap();
    }
}

#[tokio::test]
async fn a_few_of_very_many_events_are_replayed() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    fixture.issue("Payment fails").await;
    fixture.advance(SECOND);
    other_events(&fixture, 20_500).await;
    fixture.advance(SECOND);
    fixture.issue("Payment is slow").await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let rules = json!([{"path": "data.title", "operator": "contains", "value": "Payment"}]);
    let body = json!({"conditions": {"match": "all", "rules": rules}});
    assert_eq!(api.patch(&format!("/webhooks/{webhook}"), &body).await.status, 200);
    fixture.advance(SECOND);
    let path = format!("/webhooks/{webhook}/replays/count?source=missed&since={SINCE}");
    let counted = api.get(&path).await.json;
    assert_eq!((&counted["count"], &counted["atLeast"], &counted["capped"]), (&json!(1), &json!(true), &json!(false)));
    let started = start(&api, webhook, "missed").await;
    assert_eq!((&started["total"], &started["totalAtLeast"]), (&json!(1), &json!(true)));
    eventually("both are delivered", async || {
        fixture.advance(SECOND);
        (progress(&api, &started).await["delivered"] == 2).then_some(())
    })
    .await;
    assert_eq!(progress(&api, &started).await["status"], "completed");
    receiver.requests(2).await;
}
