//! Custom events: published over the API, sent like any other event, and checked against registered schemas.

mod schemas;

use std::time::Duration;

use app::model::catalog::Subscription;
use app::model::condition::{Condition, ConditionMatch, Conditions};
use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::destination::DestinationKind;
use app::model::id::WebhookId;
use app::model::people::Role;
use app::model::webhook::{CreateWebhook, CreatedWebhook};
use app::service::{Deliveries, Webhooks};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::event;
use standardwebhooks::Webhook;

use crate::support::api::{Api, Reply};
use crate::support::outbound::OutboundFixture;
use crate::support::platform::Platform;
use crate::support::receiver::Receiver;

const TYPE: &str = "custom.deploy_finished";

/// A project with an admin's API.
struct CustomFixture {
    outbound: OutboundFixture,
    api: Api,
}

impl CustomFixture {
    async fn start() -> Self {
        let outbound = OutboundFixture::start().await;
        let api = outbound.server.api(&outbound.ada).await;
        Self { outbound, api }
    }

    fn path(&self, what: &str) -> String {
        format!("/projects/{}/{what}", self.outbound.project)
    }

    async fn publish(&self, body: Value) -> Reply {
        self.api.post(&self.path("events"), &body).await
    }

    /// Publishes an event, and returns the response.
    async fn published(&self, event: &str, data: Value) -> Value {
        let reply = self.publish(json!({"type": event, "data": data})).await;
        assert_eq!(reply.status, 202, "{}", reply.text);
        reply.json
    }

    async fn register(&self, body: Value) -> Value {
        let reply = self.api.post(&self.path("custom-events"), &body).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json
    }

    async fn webhook(&self, receiver: &Receiver, events: &[&str], conditions: Conditions) -> CreatedWebhook {
        let events = events.iter().map(|event| event.parse::<Subscription>().unwrap()).collect();
        let new = CreateWebhook {
            name: "Tool".into(),
            url: receiver.url("/"),
            events,
            conditions,
            ..CreateWebhook::default()
        };
        let (ada, project) = (&self.outbound.ada, self.outbound.project);
        self.outbound.state().create_webhook(ada, project, new).await.unwrap()
    }

    /// The types of the events that a webhook got, oldest first.
    async fn sent_to(&self, webhook: WebhookId) -> Vec<String> {
        let deliveries = self.outbound.deliveries(webhook).await;
        deliveries.iter().rev().map(|detail| detail.delivery.event.clone()).collect()
    }

    async fn event_count(&self) -> u64 {
        event::Entity::find().count(self.outbound.state().store.read()).await.unwrap()
    }
}

#[tokio::test]
async fn a_custom_event_is_sent_signed_with_its_data() {
    let fixture = CustomFixture::start().await;
    fixture.outbound.server.advance_to_system_time();
    let receiver = Receiver::start().await;
    let created = fixture.webhook(&receiver, &[TYPE], Conditions::default()).await;
    let data = json!({"environment": "staging", "id": "run_none", "notes": "x".repeat(60_000), "list": [1, null, {}]});
    let body = json!({"type": TYPE, "data": data, "title": "2.4 on staging", "link": "https://ci.example.com/42"});
    let reply = fixture.publish(body).await;
    assert_eq!((reply.status, &reply.json["deliveries"]), (202, &json!(1)), "{}", reply.text);
    let request = receiver.requests(1).await.remove(0);
    Webhook::new(&created.reveal.unwrap().secret.unwrap()).unwrap().verify(&request.body, &request.headers).unwrap();
    assert_eq!(reply.json["id"], request.header("webhook-id"));
    let envelope = request.json();
    let mut expected = data;
    expected["title"] = json!("2.4 on staging");
    expected["link"] = json!("https://ci.example.com/42");
    assert_eq!((&envelope["type"], &envelope["data"]), (&json!(TYPE), &expected), "nothing is cut or added");
    assert_eq!(envelope["actor"], json!({"id": fixture.outbound.ada.id, "name": "Ada"}));
    assert_eq!(envelope["project"]["key"], "WEB");
    let delivery = fixture.outbound.wait_for_attempts(created.webhook.id, 1).await.delivery;
    assert_eq!((delivery.event.as_str(), delivery.subject.as_deref()), (TYPE, Some("2.4 on staging")));
    let query = DeliveryQuery { event: Some(TYPE.into()), ..DeliveryQuery::default() };
    let (ada, project) = (&fixture.outbound.ada, fixture.outbound.project);
    let found = fixture.outbound.state().list_deliveries(ada, project, query).await.unwrap();
    assert_eq!(found.items.len(), 1);
}

#[tokio::test]
async fn a_webhook_gets_the_custom_events_it_subscribes_to() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    let mut webhooks = Vec::new();
    for events in [&[TYPE][..], &["custom.*"], &["*"], &["custom.other"], &["issue.*"]] {
        webhooks.push(fixture.webhook(&receiver, events, Conditions::default()).await.webhook.id);
    }
    assert_eq!(fixture.published(TYPE, json!({})).await["deliveries"], 3);
    assert_eq!(fixture.published("custom.other", json!({})).await["deliveries"], 3);
    assert_eq!(fixture.published("custom.third.of_all", json!({})).await["deliveries"], 2);
    receiver.requests(8).await;
    let mut sent = Vec::new();
    for webhook in webhooks {
        sent.push(fixture.sent_to(webhook).await);
    }
    let all = vec![TYPE, "custom.other", "custom.third.of_all"];
    assert_eq!(sent, [vec![TYPE], all.clone(), all, vec!["custom.other"], vec![]]);
}

#[tokio::test]
async fn subscriptions_accept_any_valid_name() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    let id = fixture.webhook(&receiver, &["custom.a"], Conditions::default()).await.webhook.id;
    let path = format!("/webhooks/{id}");
    let events = async |body: Value| fixture.api.patch(&path, &body).await.json["events"].clone();
    assert_eq!(
        events(json!({"addEvents": ["custom.b", "issue.created"]})).await,
        json!(["issue.created", "custom.a", "custom.b"])
    );
    assert_eq!(events(json!({"removeEvents": ["custom.a"]})).await, json!(["issue.created", "custom.b"]));
    assert_eq!(events(json!({"addEvents": ["custom.*"]})).await, json!(["custom.*", "issue.created"]));
    for bad in ["custom.", "custom.A", "custom.a.*", "custom.a-b"] {
        let reply = fixture.api.patch(&path, &json!({"addEvents": [bad]})).await;
        assert_eq!(reply.status, 422, "{bad}: {}", reply.text);
    }
}

#[tokio::test]
async fn an_invalid_event_is_refused_and_not_sent() {
    let fixture = CustomFixture::start().await;
    let long = format!("custom.{}", "x".repeat(58));
    let too_large = json!({"text": "x".repeat(64 * 1024)});
    for (body, field, expected) in [
        (json!({"type": "issue.created", "data": {}}), "type", "begins with custom."),
        (json!({"type": "custom.*", "data": {}}), "type", "words of a-z"),
        (json!({"type": "custom.Deploy", "data": {}}), "type", "words of a-z"),
        (json!({"type": long, "data": {}}), "type", "64 characters"),
        (json!({"type": TYPE, "data": []}), "data", "object"),
        (json!({"type": TYPE, "data": "text"}), "data", "object"),
        (json!({"type": TYPE, "data": null}), "data", "object"),
        (json!({"type": TYPE, "data": too_large}), "data", "64 KiB"),
        (json!({"type": TYPE, "data": {"list": ["a\0"]}}), "data", "U+0000"),
        (json!({"type": TYPE, "data": {}, "title": " "}), "title", "Enter a title"),
        (json!({"type": TYPE, "data": {}, "title": "x".repeat(201)}), "title", "200 characters"),
        (json!({"type": TYPE, "data": {"title": "a\nb"}}), "data/title", "one line"),
        (json!({"type": TYPE, "data": {"title": "a"}, "title": "b"}), "title", "Send one of them"),
        (json!({"type": TYPE, "data": {}, "link": "javascript:alert(1)"}), "link", "https://"),
        (json!({"type": TYPE, "data": {}, "color": "red"}), "color", "nknown"),
    ] {
        let reply = fixture.publish(body).await;
        let problem = reply.json["errors"][field].as_str().unwrap_or_default();
        assert!(reply.status == 422 && problem.contains(expected), "{field}: {}", reply.text);
    }
    assert_eq!(fixture.publish(json!({"type": TYPE})).await.status, 422, "the data is missing");
    assert_eq!(fixture.event_count().await, 0);
}

#[tokio::test]
async fn members_publish_and_strangers_and_read_only_tokens_do_not() {
    let fixture = CustomFixture::start().await;
    let server = &fixture.outbound.server;
    let (member, stranger) = (server.user("Grace", false).await, server.user("Eve", false).await);
    server.join(fixture.outbound.project, &member, Role::Member).await;
    let body = json!({"type": TYPE, "data": {}});
    let members = server.api(&member).await;
    assert_eq!(members.post(&fixture.path("events"), &body).await.status, 202);
    assert_eq!(server.api(&stranger).await.post(&fixture.path("events"), &body).await.status, 404);
    assert_eq!(server.anonymous().post(&fixture.path("events"), &body).await.status, 401);
    for (scope, status) in [("read", 403), ("write", 202)] {
        let token = members.post("/tokens", &json!({"name": scope, "scope": scope})).await.json;
        let api = server.with_token(token["secret"].as_str().unwrap());
        assert_eq!(api.post(&fixture.path("events"), &body).await.status, status, "{scope}");
    }
    let register = json!({"type": TYPE});
    assert_eq!(members.post(&fixture.path("custom-events"), &register).await.status, 403);
    let event = fixture.register(register).await;
    let path = format!("/custom-events/{}", event["id"].as_str().unwrap());
    assert_eq!(members.get(&path).await.json, event);
    assert_eq!(server.api(&stranger).await.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_condition_compares_a_field_of_the_data() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    let rule =
        Condition { path: "data.environment".into(), operator: "equals".parse().unwrap(), value: "production".into() };
    let conditions = Conditions { mode: ConditionMatch::All, rules: vec![rule] };
    let id = fixture.webhook(&receiver, &["custom.*"], conditions.clone()).await.webhook.id;
    assert_eq!(fixture.published(TYPE, json!({"environment": "staging"})).await["deliveries"], 0);
    assert_eq!(fixture.published(TYPE, json!({"environment": "production"})).await["deliveries"], 1);
    assert_eq!(receiver.requests(1).await[0].json()["data"]["environment"], "production");
    assert_eq!(fixture.sent_to(id).await, [TYPE]);
    let body = json!({"conditions": conditions, "events": ["custom.*"]});
    let tried = fixture.api.post(&fixture.path("webhooks/conditions/try"), &body).await.json;
    assert_eq!((&tried["pastCount"], &tried["pastMatched"]), (&json!(2), &json!(1)));
    let refused =
        fixture.api.patch(&format!("/webhooks/{id}"), &json!({"events": ["issue.*"], "conditions": conditions})).await;
    assert!(refused.json["errors"]["conditions"].is_string(), "no issue has the field: {}", refused.text);
}

#[tokio::test]
async fn a_template_writes_fields_of_the_data() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    let template = json!({"text": r#"{"env": {{ data.environment }} }"#});
    let new = json!({"name": "Tool", "url": receiver.url("/"), "events": ["custom.*"], "bodyTemplate": template});
    let created = fixture.api.post(&fixture.path("webhooks"), &new).await;
    assert_eq!(created.status, 201, "{}", created.text);
    fixture.published(TYPE, json!({"environment": "staging \"1\""})).await;
    assert_eq!(receiver.requests(1).await[0].json(), json!({"env": "staging \"1\""}));
}

#[tokio::test]
async fn a_replay_sends_the_same_custom_event_again() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    let id = fixture.webhook(&receiver, &["custom.*"], Conditions::default()).await.webhook.id;
    fixture.published(TYPE, json!({"environment": "staging"})).await;
    let first = fixture
        .outbound
        .wait_for_delivery(id, "a delivered event", |detail| detail.delivery.status == DeliveryStatus::Delivered)
        .await;
    let replayed = fixture.api.post(&format!("/deliveries/{}/replay", first.delivery.id), &Value::Null).await;
    assert_eq!(replayed.status, 201, "{}", replayed.text);
    let requests = receiver.requests(2).await;
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
}

#[tokio::test]
async fn a_new_webhook_gets_the_custom_events_that_it_missed() {
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    for event in [TYPE, "custom.other", TYPE] {
        fixture.published(event, json!({})).await;
    }
    fixture.outbound.issue("Not a custom event").await;
    fixture.outbound.advance(Duration::from_secs(1));
    for (events, count) in [(&["custom.*"][..], 3), (&["custom.other"], 1)] {
        let id = fixture.webhook(&receiver, events, Conditions::default()).await.webhook.id;
        let path = format!("/webhooks/{id}/replays/count?source=missed&since=2000-01-01T00:00:00Z");
        let counted = fixture.api.get(&path).await;
        assert_eq!(counted.json["count"], count, "{events:?}: {}", counted.text);
    }
}

#[tokio::test]
async fn a_chat_message_shows_the_title_and_the_link() {
    let slack = Platform::start(DestinationKind::Slack).await;
    slack.webhook().await;
    let api = slack.fixture.server.api(&slack.fixture.ada).await;
    let body = json!({
        "type": TYPE,
        "data": {"environment": "staging"},
        "title": "2.4 on <staging>",
        "link": "https://ci.example.com/42",
    });
    let reply = api.post(&format!("/projects/{}/events", slack.fixture.project), &body).await;
    assert_eq!(reply.status, 202, "{}", reply.text);
    let text = slack.receiver.requests(1).await[0].json().to_string();
    for part in ["Deploy finished", "2.4 on &lt;staging&gt;", "https://ci.example.com/42"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_jenkins_job_gets_the_name_of_the_event() {
    let jenkins = Platform::start(DestinationKind::Jenkins).await;
    jenkins.webhook().await;
    jenkins.emit(TYPE.parse().unwrap(), json!({"title": "2.4", "environment": "staging"})).await;
    let body = jenkins.receiver.requests(1).await[0].json();
    let found = ["event", "subject", "verb", "headline", "name"].map(|name| body[name].as_str().unwrap().to_owned());
    assert_eq!(found, [TYPE, "custom", "deploy_finished", "Deploy finished", "2.4"]);
}

/// The body of the first request to `path` in the guide.
fn guide_request(guide: &str, path: &str) -> Value {
    let (_, rest) = guide.split_once(&format!("/{path}\" -d '")).unwrap();
    serde_json::from_str(rest.split_once('\'').unwrap().0).unwrap()
}

/// The first object after `start` in the guide.
fn guide_object(guide: &str, start: &str) -> Value {
    let (_, rest) = guide.split_once(start).unwrap();
    let (_, rest) = rest.split_once("```json\n").unwrap();
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_guide_is_true() {
    let guide = include_str!("../../../docs/custom-events.md");
    let (fixture, receiver) = (CustomFixture::start().await, Receiver::start().await);
    for _ in 0..2 {
        fixture.webhook(&receiver, &["custom.*"], Conditions::default()).await;
    }
    let reply = fixture.publish(guide_request(guide, "events")).await;
    let shown = guide_object(guide, "The response is 202");
    assert_eq!(
        (reply.status, &reply.json["type"], &reply.json["deliveries"]),
        (202, &shown["type"], &shown["deliveries"])
    );
    let received = guide_object(guide, "A generic endpoint receives");
    let envelope = receiver.requests(2).await[0].json();
    assert_eq!((&envelope["type"], &envelope["data"]), (&received["type"], &received["data"]));

    fixture.register(guide_request(guide, "custom-events")).await;
    let refused = fixture.publish(json!({"type": TYPE, "data": {"environment": "moon"}})).await;
    let shown = guide_object(guide, "From then on");
    for part in ["status", "detail", "errors"] {
        assert_eq!(refused.json[part], shown[part], "{part}");
    }
}
