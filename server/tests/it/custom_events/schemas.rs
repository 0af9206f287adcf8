//! Registered custom events, and the schemas that their data must match.

use app::model::audit::AuditAction;
use app::model::condition::Conditions;
use serde_json::{Value, json};

use super::{CustomFixture, TYPE};
use crate::support::receiver::Receiver;

fn deploy_schema() -> Value {
    json!({
        "type": "object",
        "required": ["environment"],
        "properties": {"environment": {"enum": ["staging", "production"]}, "build": {"type": "integer"}},
    })
}

#[tokio::test]
async fn registered_events_are_listed_changed_audited_and_deleted() {
    let fixture = CustomFixture::start().await;
    let new = json!({"type": TYPE, "description": " A deployment has finished. ", "schema": deploy_schema()});
    let event = fixture.register(new.clone()).await;
    assert_eq!((&event["type"], &event["schema"]), (&json!(TYPE), &deploy_schema()));
    assert_eq!(event["description"], "A deployment has finished.");
    let again = fixture.api.post(&fixture.path("custom-events"), &new).await;
    assert_eq!(again.status, 409, "{}", again.text);
    let other = fixture.register(json!({"type": "custom.other", "schema": {}})).await;
    assert_eq!(other["schema"], Value::Null);
    let listed = fixture.api.all(&fixture.path("custom-events"), 1).await;
    assert_eq!(listed, [other, event.clone()], "newest first");
    let path = format!("/custom-events/{}", event["id"].as_str().unwrap());
    let changed = fixture.api.patch(&path, &json!({"description": "Done"})).await.json;
    assert_eq!((&changed["description"], &changed["schema"]), (&json!("Done"), &deploy_schema()));
    assert_eq!(fixture.api.patch(&path, &json!({"description": "Done"})).await.json, changed, "nothing changes");
    assert_eq!(fixture.api.patch(&path, &json!({"schema": {}})).await.json["schema"], Value::Null);
    assert_eq!(fixture.api.patch(&path, &json!({"type": "custom.z"})).await.status, 422);
    let long = fixture.api.patch(&path, &json!({"description": "x".repeat(501)})).await;
    assert!(long.json["errors"]["description"].is_string(), "{}", long.text);
    let details = fixture.outbound.audit_details(AuditAction::CustomEventUpdated).await;
    assert_eq!(details, ["Description changed.", "Schema removed."]);
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    assert_eq!(fixture.api.get(&path).await.status, 404);
    assert_eq!(fixture.api.delete(&path).await.status, 404);
    assert_eq!(fixture.published(TYPE, json!({})).await["type"], TYPE, "it can still be published");
}

#[tokio::test]
async fn an_event_is_registered_once_in_a_project() {
    let fixture = CustomFixture::start().await;
    let (path, new) = (fixture.path("custom-events"), json!({"type": TYPE}));
    let (one, other) = tokio::join!(fixture.api.post(&path, &new), fixture.api.post(&path, &new));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(fixture.api.all(&path, 50).await.len(), 1);
}

#[tokio::test]
async fn data_that_violates_the_schema_is_refused() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    fixture.webhook(&receiver, &["custom.*"], Conditions::default()).await;
    let event = fixture.register(json!({"type": TYPE, "schema": deploy_schema()})).await;
    let refused = fixture.publish(json!({"type": TYPE, "data": {"environment": "moon", "build": "1"}})).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.json["detail"], "The data doesn't match the schema of custom.deploy_finished.");
    let errors = refused.json["errors"].as_object().unwrap();
    assert_eq!(errors.keys().collect::<Vec<_>>(), ["data/build", "data/environment"]);
    assert!(errors["data/environment"].as_str().unwrap().contains("staging"), "{}", refused.text);
    let missing = fixture.publish(json!({"type": TYPE, "data": {}})).await;
    assert!(missing.json["errors"]["data"].as_str().unwrap().contains("environment"), "{}", missing.text);
    assert_eq!(fixture.event_count().await, 0);
    // The title is no part of what the schema describes.
    let fits = json!({"type": TYPE, "data": {"environment": "staging"}, "title": "2.4"});
    assert_eq!(fixture.publish(fits).await.status, 202);
    fixture.published("custom.other", json!({})).await;
    let path = format!("/custom-events/{}", event["id"].as_str().unwrap());
    assert_eq!(fixture.api.patch(&path, &json!({"schema": {"required": ["build"]}})).await.status, 200);
    let old = fixture.publish(json!({"type": TYPE, "data": {"environment": "staging"}})).await;
    assert_eq!(old.status, 422, "the schema of now counts");
    receiver.requests(2).await;
}

#[tokio::test]
async fn a_schema_counts_only_in_its_project() {
    let fixture = CustomFixture::start().await;
    let other = fixture.outbound.server.project(&fixture.outbound.ada, "APP").await;
    fixture.register(json!({"type": TYPE, "schema": deploy_schema()})).await;
    let reply = fixture.api.post(&format!("/projects/{other}/events"), &json!({"type": TYPE, "data": {}})).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let same = fixture.api.post(&format!("/projects/{other}/custom-events"), &json!({"type": TYPE})).await;
    assert_eq!(same.status, 201, "{}", same.text);
}

#[tokio::test]
async fn an_invalid_schema_is_refused_and_nothing_is_fetched() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    for schema in [
        json!({"type": "spaceship"}),
        json!({"pattern": "("}),
        json!([]),
        json!(true),
        json!({"$schema": "http://json-schema.org/draft-07/schema#"}),
        json!({"$schema": receiver.url("/meta.json")}),
        json!({"$ref": receiver.url("/schema.json")}),
        json!({"properties": {"a": {"$ref": receiver.url("/schema.json#/a")}}}),
        json!({"$id": receiver.url("/base.json"), "$ref": "other.json"}),
        json!({"$ref": "#"}),
        json!({"description": "x".repeat(64 * 1024)}),
    ] {
        let reply = fixture.api.post(&fixture.path("custom-events"), &json!({"type": TYPE, "schema": schema})).await;
        assert!(reply.status == 422 && reply.json["errors"]["schema"].is_string(), "{schema}: {}", reply.text);
    }
    let event = fixture.register(json!({"type": TYPE, "schema": {"$id": receiver.url("/base.json")}})).await;
    fixture.published(TYPE, json!({})).await;
    let path = format!("/custom-events/{}", event["id"].as_str().unwrap());
    let changed = fixture.api.patch(&path, &json!({"schema": {"$ref": receiver.url("/schema.json")}})).await;
    assert_eq!(changed.status, 422, "{}", changed.text);
    assert!(receiver.requests_so_far().is_empty());
}
