//! Missed events of a webhook with conditions.

use serde_json::json;

use super::{SECOND, count};
use crate::support::outbound::OutboundFixture;

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
