//! The catalog matches the events that are sent.

use std::collections::BTreeMap;

use app::model::catalog::{EventType, Subject, Subscription, describe};
use app::model::people::Role;
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
        // One entry stands for all custom events.
        let sample =
            if event["type"] == "custom.*" { "custom.deploy_finished" } else { event["type"].as_str().unwrap() };
        assert_eq!(event["sample"]["type"], sample);
        assert!(jsonschema::meta::is_valid(&event["dataSchema"]), "{}", event["type"]);
    }
}

/// All events but those about webhooks, which have tests of their own.
fn events_of_testware() -> impl Iterator<Item = EventType> {
    EventType::ALL.iter().copied().filter(|event| event.subject() != Subject::Webhook)
}

/// How often [`live_through_everything`] causes each of them.
fn expected_events() -> BTreeMap<String, usize> {
    // Those of a run's case, of a session, and of a submission.
    // The case of a merged review is updated once more, and one gets a value of a custom field.
    let more_than_once = [
        ("result.created", 3),
        ("result.issue_linked", 2),
        ("session.result_added", 2),
        ("case.updated", 3),
        ("review.created", 2),
    ];
    let times = |event: &str| more_than_once.iter().find(|(other, _)| *other == event).map_or(1, |(_, times)| *times);
    events_of_testware().map(|event| (event.to_string(), times(event.as_str()))).collect()
}

/// Causes all of them.
async fn live_through_everything(fixture: &TestwareFixture) {
    let issue = fixture.create("issues", json!({"title": "Crash", "url": "https://t.example/1"})).await;
    let case = fixture.create("cases", json!({"title": "Pay", "steps": [{"action": "Pay"}], "labels": ["ui"]})).await;
    let case_copy = fixture.post_ok(&format!("{}/duplicate", item_path("cases", &case)), Value::Null).await;
    fixture.change(&item_path("cases", &case), json!({"title": "Pay by card", "steps": []})).await;
    fixture.change(&item_path("cases", &case), json!({"automationLinks": ["checkout.CardTest.pays"]})).await;
    let run = fixture.create("runs", json!({"name": "Release 1", "caseIds": [case["id"]]})).await;
    let session = fixture.create("sessions", json!({"name": "Explore", "timeBoxMinutes": 60})).await;
    for (path, case) in [(item_path("runs", &run), &case["id"]), (item_path("sessions", &session), &Value::Null)] {
        let mut change = json!({"name": "Again", "state": "in_progress"});
        if !case.is_null() {
            change["caseIds"] = json!([case, case_copy["id"]]);
        }
        fixture.change(&path, change).await;
        let result = json!({"caseId": case, "status": "failed", "elapsedSeconds": 3, "issueIds": [issue["id"]]});
        let added = fixture.post_ok(&format!("{path}/results"), result).await;
        let copy = fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
        if !case.is_null() {
            fixture.post_ok(&format!("{path}/public-link"), Value::Null).await;
        }
        if case.is_null() {
            fixture.change(&item_path("results", &added), json!({"status": "passed"})).await;
            assert_eq!(fixture.api.delete(&item_path("results", &added)).await.status, 204);
            fixture.post_ok(&format!("{path}/results/bulk"), json!({"results": [{"status": "passed"}]})).await;
        }
        fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
        let kind = path.split('/').nth(1).unwrap();
        if kind == "runs" {
            fixture.post_ok(&format!("{}/abort", item_path(kind, &copy)), Value::Null).await;
        }
        assert_eq!(fixture.api.delete(&item_path(kind, &copy)).await.status, 204);
    }
    fixture.change(&item_path("cases", &case_copy), json!({"state": "archived"})).await;
    let report = br#"<testsuite><testcase name="pays"><failure message="402"/></testcase></testsuite>"#;
    let reported = fixture.api.raw("POST", &fixture.of_project("automation-runs"), &[], report.as_slice()).await;
    assert_eq!(reported.status, 201, "{}", reported.text);
    let job = fixture.create("ci-jobs", json!({"name": "Nightly", "parameters": {"BROWSER": "firefox"}})).await;
    let complete = json!({"outcome": "failed", "automationRunId": reported.json["id"]});
    fixture.post_ok(&format!("{}/complete", item_path("ci-jobs", &job)), complete).await;
    assert_eq!(fixture.api.delete(&item_path("automation-runs", &reported.json)).await.status, 204);
    let milestone = fixture.create("milestones", json!({"name": "Release 1"})).await;
    let path = item_path("milestones", &milestone);
    fixture.change(&path, json!({"name": "Release 1.0", "dueOn": "2026-12-24"})).await;
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    fixture.create("comments", json!({"itemId": issue["id"], "text": "@Ada, look at this"})).await;
    review_everything(fixture, &case).await;
    let plan = fixture.create("plans", json!({"name": "Release 1"})).await;
    let path = item_path("plans", &plan);
    fixture.change(&path, json!({"name": "Release 1.0"})).await;
    fixture.post_ok(&format!("{path}/complete"), Value::Null).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    let suite = fixture.create("suites", json!({"name": "Checkout"})).await;
    let path = item_path("suites", &suite);
    fixture.change(&path, json!({"name": "Payment"})).await;
    fixture.post_ok(&format!("{path}/duplicate"), Value::Null).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    let steps = json!([{"action": "Sign in"}]);
    let shared = fixture.create("shared-steps", json!({"name": "Sign in", "steps": steps})).await;
    let path = item_path("shared-steps", &shared);
    fixture.change(&path, json!({"name": "Sign in as a customer"})).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    let options = json!(["Chrome"]);
    let browser = json!({"name": "Browser", "type": "choice", "options": options});
    let browser = fixture.create("custom-fields", browser).await;
    let path = item_path("custom-fields", &browser);
    fixture.change(&path, json!({"options": ["Chrome", "Firefox"]})).await;
    let values = json!({browser["id"].as_str().unwrap(): "Firefox"});
    fixture.change(&item_path("cases", &case_copy), json!({"customFields": values})).await;
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    fixture.change(&item_path("issues", &issue), json!({"statusKind": "closed"})).await;
    assert_eq!(fixture.api.delete(&item_path("issues", &issue)).await.status, 204);
    assert_eq!(fixture.api.delete(&item_path("cases", &case_copy)).await.status, 204);
}

/// Causes all events of reviews.
async fn review_everything(fixture: &TestwareFixture, case: &Value) {
    let grace = fixture.server.user("Grace", false).await;
    fixture.server.join(fixture.project, &grace, Role::Member).await;
    let reviewer = fixture.server.api(&grace).await;
    let proposal =
        json!({"title": "Pay by phone", "preconditions": "", "steps": [], "priority": "high", "labels": ["ui"]});
    let new = json!({"title": "Phones", "caseId": case["id"], "proposal": proposal});
    let review = fixture.create("reviews", new).await;
    let path = item_path("reviews", &review);
    fixture.change(&path, json!({"title": "Phones first"})).await;
    fixture.post_ok(&format!("{path}/decline"), Value::Null).await;
    fixture.post_ok(&format!("{path}/reopen"), Value::Null).await;
    let added = json!({"userId": grace.id});
    fixture.post_ok(&format!("{path}/reviewers"), added.clone()).await;
    assert_eq!(fixture.api.delete(&format!("{path}/reviewers/{}", grace.id)).await.status, 200);
    let new = json!({"title": "Again", "caseId": case["id"], "proposal": proposal, "reviewerIds": [grace.id]});
    assert_eq!(fixture.api.delete(&path).await.status, 204);
    let review = fixture.create("reviews", new).await;
    let path = item_path("reviews", &review);
    let decision = json!({"decision": "approved", "comment": "Good"});
    assert_eq!(reviewer.post(&format!("{path}/decision"), &decision).await.status, 200);
    fixture.post_ok(&format!("{path}/merge"), Value::Null).await;
}

#[tokio::test]
async fn every_event_is_sent_signed_and_matches_its_schema() {
    let fixture = TestwareFixture::new().await;
    fixture.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let new = CreateWebhook {
        name: "r".into(),
        url: receiver.url("/"),
        events: Subject::ALL
            .iter()
            .filter(|&&of| of != Subject::Webhook)
            .map(|&of| Subscription::Subject(of))
            .collect(),
        ..CreateWebhook::default()
    };
    let created = fixture.server.state.create_webhook(&fixture.ada, fixture.project, new).await.unwrap();
    let verifier = Webhook::new(&created.reveal.unwrap().secret.unwrap()).unwrap();

    live_through_everything(&fixture).await;

    let expected = expected_events();
    let requests = receiver.requests(expected.values().sum()).await;
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for request in &requests {
        verifier.verify(&request.body, &request.headers).unwrap();
        let envelope = request.json();
        assert_eq!(envelope["id"], request.header("webhook-id"));
        let event: EventType = envelope["type"].as_str().unwrap().parse().unwrap();
        assert_sound(&envelope, event);
        *received.entry(event.to_string()).or_default() += 1;
    }
    assert_eq!(received, expected);
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
    // Each result has three events.
    assert_eq!(events.len(), 20 + 3 + 2 * 3);
    for envelope in &events {
        let size = envelope.to_string().len();
        assert!(size < 20_000, "{}: {size}", envelope["type"]);
        assert_sound(envelope, envelope["type"].as_str().unwrap().parse().unwrap());
    }
    let added = events.iter().rfind(|event| event["type"] == "test_run.result_added").unwrap();
    assert_eq!(added["data"]["result"]["issues"].as_array().unwrap().len(), 20);
    assert_eq!(added["data"]["result"]["issues"][0]["url"], Value::Null);
}
