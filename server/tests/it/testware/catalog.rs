//! The catalog matches the events that are sent.

use std::collections::BTreeMap;

use app::model::catalog::{EventType, Subject, Subscription, describe};
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::fixture::{TestwareFixture, item_path};
use crate::support::contract::event_errors;
use crate::support::receiver::Receiver;

/// The schema without additional properties: receivers should be lenient, but Testbell must not be.
fn strict(schema: &mut Value) {
    if schema.get("properties").is_some() {
        schema["additionalProperties"] = json!(false);
    }
    match schema {
        Value::Object(fields) => fields.values_mut().for_each(strict),
        Value::Array(items) => items.iter_mut().for_each(strict),
        _ => {}
    }
}

pub fn assert_sound(envelope: &Value, event: EventType) {
    let mut schema = event.data_schema();
    strict(&mut schema);
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&envelope["data"]).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{event}: {errors:#?}");
    assert_eq!(event_errors(event.as_str(), envelope), [""; 0], "{event}");
    let fields: Vec<&str> = envelope.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["actor", "data", "id", "project", "timestamp", "type"]);
    assert_eq!(envelope["type"], event.as_str());
    assert!(envelope["id"].as_str().unwrap().starts_with("evt_"));
    for part in ["id", "name"] {
        // Testbell itself changes the health of webhooks.
        assert!(event.subject() == Subject::Webhook || envelope["actor"][part].is_string(), "{event}");
        assert!(envelope["project"][part].is_string(), "{event}");
    }
}

#[test]
fn every_sample_keeps_its_events_schema() {
    for &event in EventType::ALL {
        assert_sound(&serde_json::to_value(event.sample()).unwrap(), event);
    }
}

#[tokio::test]
async fn the_api_describes_each_event() {
    let fixture = TestwareFixture::new().await;
    let shown = fixture.read("/events").await;
    assert_eq!(shown, serde_json::to_value(describe()).unwrap());
    for event in shown.as_array().unwrap() {
        assert_eq!(event["type"], event["sample"]["type"]);
        assert!(jsonschema::meta::is_valid(&event["dataSchema"]), "{}", event["type"]);
    }
}

/// All events but those about webhooks, which have tests of their own.
fn events_of_testware() -> impl Iterator<Item = EventType> {
    EventType::ALL.iter().copied().filter(|event| event.subject() != Subject::Webhook)
}

/// Causes each of them once.
async fn live_through_everything(fixture: &TestwareFixture) {
    let issue = fixture.create("issues", json!({"title": "Crash", "url": "https://t.example/1"})).await;
    let case = fixture.create("cases", json!({"title": "Pay", "steps": [{"action": "Pay"}], "labels": ["ui"]})).await;
    let case_copy = fixture.post_ok(&format!("{}/duplicate", item_path("cases", &case)), Value::Null).await;
    fixture.change(&item_path("cases", &case), json!({"title": "Pay by card", "steps": []})).await;
    let run = fixture.create("runs", json!({"name": "Release 1", "caseIds": [case["id"]]})).await;
    let session = fixture.create("sessions", json!({"name": "Explore", "timeBoxMinutes": 60})).await;
    for (path, case) in [(item_path("runs", &run), &case["id"]), (item_path("sessions", &session), &Value::Null)] {
        fixture.change(&path, json!({"name": "Again", "state": "in_progress"})).await;
        let result = json!({"caseId": case, "status": "failed", "elapsedSeconds": 3, "issueIds": [issue["id"]]});
        fixture.post_ok(&format!("{path}/results"), result).await;
        let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
        fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
        let kind = path.split('/').nth(1).unwrap();
        assert_eq!(fixture.api.delete(&item_path(kind, &copy)).await.status, 204);
    }
    fixture.change(&item_path("issues", &issue), json!({"statusKind": "closed"})).await;
    assert_eq!(fixture.api.delete(&item_path("issues", &issue)).await.status, 204);
    assert_eq!(fixture.api.delete(&item_path("cases", &case_copy)).await.status, 204);
}

#[tokio::test]
async fn every_event_is_sent_signed_and_matches_its_schema() {
    let fixture = TestwareFixture::new().await;
    fixture.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let new = CreateWebhook {
        name: "r".into(),
        url: receiver.url("/"),
        events: [Subject::Case, Subject::Issue, Subject::TestRun, Subject::Session].map(Subscription::Subject).into(),
        ..CreateWebhook::default()
    };
    let created = fixture.server.state.create_webhook(&fixture.ada, fixture.project, new).await.unwrap();
    let verifier = Webhook::new(&created.reveal.unwrap().secret.unwrap()).unwrap();

    live_through_everything(&fixture).await;

    let requests = receiver.requests(events_of_testware().count()).await;
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for request in &requests {
        verifier.verify(&request.body, &request.headers).unwrap();
        let envelope = request.json();
        assert_eq!(envelope["id"], request.header("webhook-id"));
        let event: EventType = envelope["type"].as_str().unwrap().parse().unwrap();
        assert_sound(&envelope, event);
        *received.entry(event.to_string()).or_default() += 1;
    }
    let each_once: BTreeMap<String, usize> = events_of_testware().map(|event| (event.to_string(), 1)).collect();
    assert_eq!(received, each_once);
}

#[tokio::test]
async fn an_envelope_stays_under_twenty_kilobytes() {
    let fixture = TestwareFixture::new().await;
    let (wide, rude) = ("😀", "\u{1}");
    let mut issues = Vec::new();
    for n in 0..20 {
        let url = format!("https://t.example/{}", "x".repeat(2_000));
        let body = json!({
            "title": wide.repeat(500), "key": wide.repeat(98) + &n.to_string(), "url": url, "assignee": wide.repeat(100),
            "labels": (0..50).map(|n| wide.repeat(98) + &n.to_string()).collect::<Vec<_>>(),
        });
        issues.push(fixture.create("issues", body).await["id"].clone());
    }
    let labels: Vec<_> = (0..50).map(|n| wide.repeat(98) + &n.to_string()).collect();
    let case = fixture.create("cases", json!({"title": wide.repeat(500), "labels": labels})).await;
    let text = rude.repeat(64 * 1024);
    let run = json!({"name": wide.repeat(100), "description": text, "caseIds": [case["id"]]});
    let run = fixture.create("runs", run).await;
    let session = fixture.create("sessions", json!({"name": wide.repeat(100), "charter": text})).await;
    let result = json!({"status": "failed", "comment": text, "issueIds": issues});
    fixture.post_ok(&format!("{}/results", item_path("sessions", &session)), result.clone()).await;
    let mut of_run = result;
    of_run["caseId"] = case["id"].clone();
    fixture.post_ok(&format!("{}/results", item_path("runs", &run)), of_run).await;

    let events = fixture.events().await;
    assert_eq!(events.len(), 20 + 5);
    for envelope in &events {
        let size = envelope.to_string().len();
        assert!(size < 20_000, "{}: {size}", envelope["type"]);
        assert_sound(envelope, envelope["type"].as_str().unwrap().parse().unwrap());
    }
    let last = &events.last().unwrap()["data"]["result"];
    assert_eq!(last["issues"].as_array().unwrap().len(), 20);
    assert_eq!(last["issues"][0]["url"], Value::Null);
}
