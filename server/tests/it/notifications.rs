//! Events and notifications about the health of webhooks.

use std::time::Duration;

use app::model::catalog::{EventType, Subject, Subscription};
use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::people::Role;
use app::model::webhook::{CreateWebhook, Health, HeldDeliveriesAction};
use app::service::Webhooks;
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::{ReceivedRequest, Receiver};
use crate::testware::catalog::assert_sound;

/// Two webhooks: one reports on all others and works, the other one fails for its first requests.
struct Watched {
    fixture: OutboundFixture,
    watcher: Receiver,
    failing: Receiver,
    id: WebhookId,
}

impl Watched {
    async fn failing(times: usize, policy: PolicyChange) -> Self {
        let fixture = OutboundFixture::start().await;
        let watcher = Receiver::start().await;
        let answer = move |n| if n < times { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
        let failing = Receiver::answering(answer).await;
        let new = |name: &str, url: String, event| CreateWebhook {
            name: name.into(),
            url,
            events: vec![event],
            policy: policy.clone(),
            ..CreateWebhook::default()
        };
        let about_webhooks = new("Watcher", watcher.url("/"), Subscription::Subject(Subject::Webhook));
        fixture.state().create_webhook(&fixture.ada, fixture.project, about_webhooks).await.unwrap();
        let everything = new("Failing", failing.url("/"), Subscription::All);
        let created = fixture.state().create_webhook(&fixture.ada, fixture.project, everything).await.unwrap();
        Self { fixture, watcher, failing, id: created.webhook.id }
    }

    async fn wait_for(&self, health: Health) {
        self.fixture.wait_for_card(self.id, health.as_str(), |card| card.health == health).await;
    }

    async fn notifications(&self) -> Value {
        let api = self.fixture.server.api(&self.fixture.ada).await;
        api.get("/notifications").await.json
    }
}

fn no_retries() -> PolicyChange {
    PolicyChange {
        retry_delays: Some(Vec::new()),
        degraded_after: Some(1),
        disabled_after: Some(2),
        ..PolicyChange::default()
    }
}

fn types(requests: &[ReceivedRequest]) -> Vec<String> {
    requests.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn other_webhooks_learn_what_happens_to_a_webhook() {
    let watched = Watched::failing(2, no_retries()).await;
    watched.fixture.issue("One").await;
    watched.wait_for(Health::Degraded).await;
    watched.fixture.issue("Two").await;
    watched.fixture.dispatch_idle().await;
    watched.fixture.advance(Duration::from_secs(60));
    watched.wait_for(Health::Disabled).await;
    let enabled = watched.fixture.state().enable_webhook(&watched.fixture.ada, watched.id, HeldDeliveriesAction::Send);
    enabled.await.unwrap();
    let requests = watched.watcher.requests(4).await;
    let mut received = types(&requests);
    received.sort();
    assert_eq!(
        received,
        ["webhook.degraded", "webhook.delivery_exhausted", "webhook.disabled", "webhook.enabled"],
        "the second exhausted delivery within an hour has no event"
    );
    for request in &requests {
        let envelope = request.json();
        assert_sound(&envelope, envelope["type"].as_str().unwrap().parse::<EventType>().unwrap());
        assert_eq!((&envelope["data"]["id"], &envelope["data"]["name"]), (&json!(watched.id), &json!("Failing")));
    }
    let disabled = requests.iter().find(|request| request.json()["type"] == "webhook.disabled").unwrap().json();
    assert_eq!(disabled["data"]["previousHealth"], "degraded");
    assert_eq!(disabled["data"]["delivery"]["event"], "issue.created");
    watched.fixture.dispatch_idle().await;
    assert_eq!(
        types(&watched.failing.requests(2).await),
        ["issue.created"; 2],
        "a webhook gets no events about itself"
    );
}

#[tokio::test]
async fn a_degraded_webhook_that_works_again_has_recovered() {
    let watched = Watched::failing(1, no_retries()).await;
    watched.fixture.issue("One").await;
    watched.wait_for(Health::Degraded).await;
    watched.fixture.issue("Two").await;
    watched.fixture.dispatch_idle().await;
    watched.fixture.advance(Duration::from_secs(60));
    watched.wait_for(Health::Healthy).await;
    let last = watched.watcher.requests(3).await.pop().unwrap().json();
    assert_sound(&last, EventType::WebhookRecovered);
    assert_eq!(last["data"]["reason"], "A delivery succeeded.");
}

#[tokio::test]
async fn admins_get_notifications_and_mark_them_as_read() {
    let watched = Watched::failing(usize::MAX, no_retries()).await;
    let server = &watched.fixture.server;
    let member = server.user("Max", false).await;
    server.join(watched.fixture.project, &member, Role::Member).await;
    watched.fixture.issue("One").await;
    watched.wait_for(Health::Degraded).await;
    let list = watched.notifications().await;
    let mut events: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["event"].clone()).collect();
    events.sort_by_key(|event| event.to_string());
    assert_eq!(events, ["webhook.degraded", "webhook.delivery_exhausted"]);
    assert_eq!(list["items"][0]["webhookName"], "Failing");
    let api = server.api(&watched.fixture.ada).await;
    assert_eq!(api.get("/notifications/unread").await.json, json!({"unread": 2}));
    let one = json!({"ids": [list["items"][0]["id"]]});
    assert_eq!(api.post("/notifications/read", &one).await.status, 204);
    assert_eq!(api.get("/notifications/unread").await.json, json!({"unread": 1}));
    assert_eq!(api.post("/notifications/read", &json!({})).await.status, 204);
    assert_eq!(api.get("/notifications/unread").await.json, json!({"unread": 0}));
    let of_member = server.api(&member).await.get("/notifications").await.json;
    assert_eq!(of_member["items"], json!([]));
}

#[tokio::test]
async fn open_browsers_learn_of_a_notification_and_that_it_was_read() {
    let watched = Watched::failing(usize::MAX, no_retries()).await;
    let mut stream = watched.fixture.server.stream(&watched.fixture.ada, watched.fixture.project).await;
    watched.fixture.issue("One").await;
    stream.until(|message| message.data["type"] == "notifications.changed").await;
    watched.fixture.dispatch_idle().await;
    let mut stream = watched.fixture.server.stream(&watched.fixture.ada, watched.fixture.project).await;
    let api = watched.fixture.server.api(&watched.fixture.ada).await;
    assert_eq!(api.post("/notifications/read", &json!({})).await.status, 204);
    stream.until(|message| message.data["type"] == "notifications.changed").await;
}

#[tokio::test]
async fn a_failed_event_about_a_webhook_does_not_silence_other_exhausted_deliveries() {
    let fixture = OutboundFixture::start().await;
    let failing = Receiver::answering(|_| StatusCode::BAD_GATEWAY).await;
    let gone = Receiver::answering(|_| StatusCode::GONE).await;
    let policy = PolicyChange { degraded_after: Some(1_000), disabled_after: Some(0), ..no_retries() };
    let events = vec![Subscription::Subject(Subject::Webhook), EventType::IssueUpdated.into()];
    let (name, url) = ("Failing".to_owned(), failing.url("/"));
    let new = CreateWebhook { name, url, events, policy, ..CreateWebhook::default() };
    fixture.state().create_webhook(&fixture.ada, fixture.project, new).await.unwrap();
    let events = vec![EventType::IssueCreated.into()];
    let (name, url) = ("Gone".to_owned(), gone.url("/"));
    let new = CreateWebhook { name, url, events, ..CreateWebhook::default() };
    fixture.state().create_webhook(&fixture.ada, fixture.project, new).await.unwrap();
    let issue = fixture.issue("One").await;
    failing.requests(2).await;
    fixture.dispatch_idle().await;
    let api = fixture.server.api(&fixture.ada).await;
    let events = async || {
        let list = api.get("/notifications").await.json;
        let items = list["items"].as_array().unwrap().iter().filter(|item| item["webhookName"] == "Failing");
        items.map(|item| item["event"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(events().await, [json!(null); 0], "two failing webhooks don't report each other");
    assert_eq!(api.patch(&format!("/issues/{}", issue.id), &json!({"title": "Two"})).await.status, 200);
    failing.requests(3).await;
    fixture.dispatch_idle().await;
    assert_eq!(events().await, ["webhook.delivery_exhausted"]);
}
