//! The conditions of a webhook: which events are sent, and what they match.

use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::condition::{Condition, ConditionMatch, Conditions};
use app::model::id::WebhookId;
use app::model::issue::CreateIssue;
use app::model::people::Actor;
use app::model::webhook::{CreateWebhook, SendTest, UpdateWebhook};
use app::service::{Issues, Projects, Webhooks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::event;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::scope::ScopeFixture;

fn has_label(label: &str) -> Conditions {
    let rule = Condition { path: "data.labels".into(), operator: "contains".parse().unwrap(), value: label.to_owned() };
    Conditions { mode: ConditionMatch::All, rules: vec![rule] }
}

async fn issue_with(fixture: &OutboundFixture, title: &str, labels: &[&str]) {
    let labels = labels.iter().map(ToString::to_string).collect();
    let new = CreateIssue { title: title.into(), labels, ..CreateIssue::default() };
    fixture.state().create_issue(&fixture.ada, fixture.project, new).await.unwrap();
}

async fn webhook_for(fixture: &OutboundFixture, receiver: &Receiver, conditions: Conditions) -> WebhookId {
    let new = CreateWebhook { conditions, ..CreateWebhook::default() };
    fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id
}

#[tokio::test]
async fn only_events_that_match_are_sent() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_for(&fixture, &receiver, has_label("bug")).await;
    let all = webhook_for(&fixture, &receiver, Conditions::default()).await;
    issue_with(&fixture, "Without labels", &[]).await;
    issue_with(&fixture, "Another label", &["debug"]).await;
    issue_with(&fixture, "Matches", &["ui", "Bug"]).await;
    receiver.requests(4).await;
    fixture.dispatch_idle().await;
    let sent = fixture.deliveries(id).await;
    let subjects: Vec<_> = sent.iter().map(|detail| detail.delivery.subject.as_deref()).collect();
    assert_eq!(subjects, [Some("Matches")], "the others have no delivery");
    assert_eq!(fixture.deliveries(all).await.len(), 3);
}

#[tokio::test]
async fn a_changed_condition_applies_to_the_next_event() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_for(&fixture, &receiver, has_label("bug")).await;
    issue_with(&fixture, "One", &["docs"]).await;
    let change = UpdateWebhook { conditions: Some(has_label("docs")), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, id, change.clone()).await.unwrap();
    let same = fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
    assert_eq!(same.conditions, has_label("docs"));
    issue_with(&fixture, "Two", &["docs"]).await;
    assert_eq!(receiver.requests(1).await[0].json()["data"]["title"], "Two");
    assert_eq!(fixture.audit_details(AuditAction::WebhookUpdated).await, ["Conditions"]);
    let none = UpdateWebhook { conditions: Some(Conditions::default()), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, id, none).await.unwrap();
    issue_with(&fixture, "Three", &[]).await;
    receiver.requests(2).await;
}

#[tokio::test]
async fn tests_are_sent_whatever_the_conditions() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_for(&fixture, &receiver, has_label("no sample has it")).await;
    for event in [None, Some(EventType::IssueCreated)] {
        fixture.state().test_webhook(&fixture.ada, id, SendTest { event }).await.unwrap();
    }
    receiver.requests(2).await;
}

#[tokio::test]
async fn conditions_are_tried_on_samples_and_past_events() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_for(&fixture, &receiver, has_label("bug")).await;
    let titles = ["One", "Two", "Three", "Four"];
    for (title, labels) in titles.iter().zip([&["bug"][..], &[], &["docs"], &["Bug", "docs"]]) {
        issue_with(&fixture, title, labels).await;
    }
    receiver.requests(2).await;
    // Tests are no past events.
    fixture.state().test_webhook(&fixture.ada, id, SendTest { event: Some(EventType::IssueCreated) }).await.unwrap();
    receiver.requests(3).await;
    assert_eq!(event::Entity::find().count(fixture.state().store.read()).await.unwrap(), 5, "also what wasn't sent");
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/projects/{}/webhooks/conditions/try", fixture.project);
    let rules = |path: &str, operator: &str, value: &str| json!({"match": "all", "rules": [{"path": path, "operator": operator, "value": value}]});
    let tried = async |conditions: Value, events: Value| {
        let reply = api.post(&path, &json!({"conditions": conditions, "events": events})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json
    };
    let issues = json!(["issue.created", "issue.deleted"]);
    let result = tried(rules("data.labels", "contains", "docs"), issues.clone()).await;
    assert_eq!((&result["pastCount"], &result["pastMatched"]), (&json!(4), &json!(2)), "{result}");
    let listed = result["past"].as_array().unwrap().iter();
    let listed: Vec<_> = listed.map(|event| (event["subject"].as_str().unwrap(), event["matches"] == true)).collect();
    assert_eq!(listed, [("Four", true), ("Three", true), ("Two", false), ("One", false)]);
    let samples = json!([{"event": "issue.created", "matches": false}, {"event": "issue.deleted", "matches": false}]);
    assert_eq!(result["samples"], samples);
    let result = tried(rules("data.labels", "contains", "payments"), issues).await;
    assert!(result["samples"].as_array().unwrap().iter().all(|sample| sample["matches"] == true), "{result}");
    let result = tried(rules("data.counts.failed", "greater_than", "0"), json!(["test_run.completed"])).await;
    assert_eq!((&result["pastCount"], &result["samples"][0]["matches"]), (&json!(0), &json!(true)));
}

#[tokio::test]
async fn at_most_the_last_hundred_events_are_tried() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    webhook_for(&fixture, &receiver, has_label("bug")).await;
    for n in 0..105 {
        issue_with(&fixture, &format!("Issue {n}"), if n % 5 == 0 { &["bug"] } else { &[] }).await;
    }
    let tried = json!({"conditions": has_label("bug"), "events": ["*"]});
    let api = fixture.server.api(&fixture.ada).await;
    let reply = api.post(&format!("/projects/{}/webhooks/conditions/try", fixture.project), &tried).await;
    assert_eq!((&reply.json["pastCount"], &reply.json["pastMatched"]), (&json!(100), &json!(20)), "{}", reply.text);
    assert_eq!(reply.json["past"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn invalid_conditions_are_refused_where_they_are_sent() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = webhook_for(&fixture, &receiver, Conditions::default()).await;
    let api = fixture.server.api(&fixture.ada).await;
    let wrong = json!({"match": "any", "rules": [
        {"path": "data.total", "operator": "at_least", "value": "1"},
        {"path": "data.totl", "operator": "at_least", "value": "1"},
    ]});
    let new = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["*"], "conditions": wrong});
    let project = fixture.project;
    for reply in [
        api.post(&format!("/projects/{project}/webhooks"), &new).await,
        api.patch(&format!("/webhooks/{id}"), &json!({"conditions": wrong})).await,
        api.post(&format!("/projects/{project}/webhooks/conditions/try"), &json!({"conditions": wrong})).await,
    ] {
        let expected = "Condition 2: No event has the field data.totl.";
        let error = reply.json["errors"]["conditions"].as_str().unwrap_or_default();
        assert!(reply.status == 422 && error.starts_with(expected), "{}", reply.text);
    }
    let unknown = json!({"conditions": {"rules": [{"path": "type", "operator": "like", "value": "x"}]}});
    assert_eq!(api.patch(&format!("/webhooks/{id}"), &unknown).await.status, 422);
}

#[tokio::test]
async fn conditions_are_tried_on_the_events_of_selected_projects() {
    let fixture = ScopeFixture::start().await;
    let (web, app) = (fixture.web, fixture.app);
    for (project, title) in [(web, "Web fails"), (app, "App fails"), (app, "App works")] {
        fixture.issue(&fixture.ada, project, title).await;
    }
    let conditions = json!({"rules": [{"path": "data.title", "operator": "contains", "value": "fails"}]});
    let tried = async |actor: &Actor, project, scope: Value| {
        let body = json!({"conditions": conditions, "events": ["issue.created"], "scope": scope});
        let api = fixture.server.api(actor).await;
        let reply = api.post(&format!("/projects/{project}/webhooks/conditions/try"), &body).await;
        let samples = reply.json["samples"].as_array().map(Vec::len);
        (reply.status, reply.json["pastMatched"].as_u64(), reply.json["pastCount"].as_u64(), samples)
    };
    let found = |matched, count| (200, Some(matched), Some(count), Some(1));
    let both = || json!({"kind": "projects", "projectIds": [web, app]});
    let all = || json!({"kind": "all"});
    assert_eq!(tried(&fixture.ada, web, json!(null)).await, found(1, 1), "the project of the path");
    assert_eq!(tried(&fixture.ada, web, both()).await, found(2, 3));
    assert_eq!(tried(&fixture.root, web, all()).await, found(2, 3));
    let none = json!({"kind": "projects", "projectIds": []});
    assert_eq!(tried(&fixture.ada, web, none).await, found(0, 0), "only the samples");
    // Who can't give them to a webhook can't try conditions on their events.
    assert_eq!(tried(&fixture.bob, app, both()).await.0, 404);
    assert_eq!(tried(&fixture.ada, web, all()).await.0, 403);
    assert_eq!(tried(&fixture.bob, web, json!({"kind": "projects", "projectIds": [app]})).await.0, 404);
    fixture.server.state.delete_project(&fixture.bob, app).await.unwrap();
    assert_eq!(tried(&fixture.root, web, all()).await, found(1, 1), "without deleted projects");
}
