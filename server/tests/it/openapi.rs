//! The OpenAPI document matches the server.

use std::collections::{BTreeMap, BTreeSet};

use app::model::WireEnum;
use app::model::catalog::describe;

use crate::support::TestServer;
use crate::support::contract::{DOCUMENT, enums, event_errors, operations};

/// Every string enum that serde knows, by the name of its schema.
fn written() -> BTreeMap<&'static str, BTreeSet<String>> {
    let values = |known: &WireEnum| serde_json::from_value((known.values)().unwrap()).unwrap();
    inventory::iter::<WireEnum>.into_iter().map(|known| (known.name, values(known))).collect()
}

#[tokio::test]
async fn the_served_document_is_the_tested_one() {
    let server = TestServer::start().await;
    let served = server.anonymous().get("/openapi.json").await;
    assert_eq!(served.json, *DOCUMENT);
    server.stop().await;
}

#[test]
fn each_enum_has_the_values_that_serde_writes() {
    let written = written();
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    let mut compared = 0;
    for (name, values) in &written {
        let Some(schema) = schemas.get(*name) else { continue };
        let mut found = Vec::new();
        enums(schema, &mut found);
        assert_eq!(found, std::slice::from_ref(values), "{name}");
        compared += 1;
    }
    assert!(compared >= 15, "{compared} enums");
}

#[test]
fn every_enum_of_the_document_is_known() {
    let written: BTreeSet<_> = written().into_values().collect();
    let mut document = DOCUMENT.clone();
    // The schemas of events are checked against sent events in another test.
    document["webhooks"].take();
    document["components"]["schemas"].as_object_mut().unwrap().retain(|name, _| !name.ends_with("Event"));
    let mut found = Vec::new();
    enums(&document, &mut found);
    assert!(found.len() >= 15, "{}", found.len());
    for values in found {
        assert!(written.contains(&values), "serde writes no enum {values:?}");
    }
}

#[test]
fn each_operation_has_an_id_of_its_own() {
    let all = operations();
    let ids: BTreeSet<_> = all.iter().map(|operation| operation.json["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
    let names: BTreeSet<_> = all.iter().map(|operation| operation.json["summary"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len(), "and a name: {names:?}");
    assert!(names.iter().all(|name| name.len() < 40 && !name.contains(['/', '{'])), "{names:?}");
}

#[test]
fn required_values_are_marked_as_required() {
    let required = |schema: &str| DOCUMENT["components"]["schemas"][schema]["required"].clone();
    for (schema, fields) in [
        ("CreateProject", vec!["key", "name"]),
        ("CreateWebhook", vec!["name", "url", "events"]),
        ("CreateIssue", vec!["title"]),
        ("CreateCase", vec!["title"]),
        ("CreateRun", vec!["name"]),
        ("CreateSession", vec!["name"]),
        ("AddResult", vec!["status"]),
        ("ReplayDeliveries", vec!["ids"]),
        ("PutIntegration", vec!["provider"]),
    ] {
        let marked: BTreeSet<String> = serde_json::from_value(required(schema)).unwrap();
        assert_eq!(marked, fields.into_iter().map(str::to_owned).collect(), "{schema}");
    }
}

#[test]
fn every_field_of_a_change_is_optional() {
    let schemas = &DOCUMENT["components"]["schemas"];
    for name in ["UpdateProject", "UpdateWebhook", "UpdateIssue", "UpdateCase", "UpdateRun", "UpdateSession"] {
        assert!(schemas[name]["properties"].is_object() && schemas[name].get("required").is_none(), "{name}");
    }
    for (name, schema) in schemas.as_object().unwrap() {
        let fields = schema["properties"].as_object().into_iter().flat_map(|fields| fields.values());
        assert!(fields.into_iter().all(|field| field.get("default").is_none()), "{name}: a generator requires it");
    }
}

#[test]
fn each_event_is_in_the_webhooks_of_the_document() {
    let webhooks: BTreeSet<&String> = DOCUMENT["webhooks"].as_object().unwrap().keys().collect();
    let catalog = describe();
    assert_eq!(webhooks, catalog.iter().map(|event| &event.event).collect());
    assert!(webhooks.contains(&"webhook.test".to_owned()));
    for event in catalog {
        let errors = event_errors(&event.event, &serde_json::to_value(&event.sample).unwrap());
        assert!(errors.is_empty(), "{}: {errors:?}", event.event);
    }
}

#[tokio::test]
async fn the_document_names_the_cookie() {
    let server = TestServer::start_with(&["--public-url", "https://bell.example.com"]).await;
    let served = server.anonymous().get("/openapi.json").await;
    let name = |document: &serde_json::Value| document["components"]["securitySchemes"]["session"]["name"].clone();
    assert_eq!((name(&served.json), name(&DOCUMENT)), ("__Host-testbell_session".into(), "testbell_session".into()));
    server.stop().await;
}
