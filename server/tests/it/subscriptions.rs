//! The subscriptions and the scope of a webhook: which events it gets, and how they change.

use app::model::audit::AuditAction;
use app::model::catalog::{EventType, Subject};
use app::model::id::WebhookId;
use app::model::people::Role;
use futures::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::entity::delivery;

use crate::support::api::{Api, Reply};
use crate::support::outbound::OutboundFixture;

fn names(events: &[EventType]) -> Value {
    events.iter().map(|event| event.as_str()).collect()
}

fn path(webhook: WebhookId) -> String {
    format!("/webhooks/{webhook}")
}

/// A webhook for created and updated issues.
async fn start() -> (OutboundFixture, WebhookId) {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    (fixture, webhook)
}

/// One request for each event, by two admins in turn.
fn toggles<'a>(
    admins: &'a [Api],
    path: &'a str,
    on: &'a [EventType],
    off: &'a [EventType],
) -> impl Iterator<Item = impl Future<Output = ()>> {
    let all = on.iter().map(|event| ("addEvents", event)).chain(off.iter().map(|event| ("removeEvents", event)));
    all.zip(admins.iter().cycle()).map(move |((list, event), admin)| async move {
        let event = json!(event.as_str());
        let reply = admin.patch(path, &json!({list: [event]})).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let on = reply.json["events"].as_array().unwrap().contains(&event);
        assert_eq!(on, list == "addEvents", "the response shows the new state");
    })
}

#[tokio::test]
async fn concurrent_changes_are_all_kept() {
    let (fixture, webhook) = start().await;
    let bob = fixture.server.user("Bob", false).await;
    fixture.server.join(fixture.project, &bob, Role::Admin).await;
    let admins = [fixture.server.api(&fixture.ada).await, fixture.server.api(&bob).await];
    let first = [EventType::IssueCreated, EventType::IssueUpdated];
    let (first, others): (Vec<_>, Vec<_>) = EventType::ALL.iter().copied().partition(|event| first.contains(event));
    let path = path(webhook);
    join_all(toggles(&admins, &path, &others, &first)).await;
    assert_eq!(fixture.card(webhook).await.events, others);
    join_all(toggles(&admins, &path, &first, &others)).await;
    assert_eq!(fixture.card(webhook).await.events, first);
    let entries = fixture.audit_details(AuditAction::WebhookUpdated).await;
    assert_eq!(entries, vec!["Events"; 2 * EventType::ALL.len()], "each change is audited");
}

#[tokio::test]
async fn a_change_without_effect_is_not_recorded() {
    let (fixture, webhook) = start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let mut live = fixture.server.changes(fixture.project);
    let same = json!({"addEvents": ["issue.updated", "issue.updated"], "removeEvents": ["case.created"]});
    let reply = api.patch(&path(webhook), &same).await;
    assert_eq!(reply.json["events"], json!(["issue.created", "issue.updated"]), "{}", reply.text);
    assert!(live.try_recv().is_err(), "no live event");
    assert!(fixture.audit_details(AuditAction::WebhookUpdated).await.is_empty());

    let none = api.patch(&path(webhook), &json!({"removeEvents": names(EventType::ALL)})).await;
    assert_eq!((none.status, &none.json["events"]), (200, &json!([])), "{}", none.text);
    let whole = api.patch(&path(webhook), &json!({"events": ["case.updated", "case.created"]})).await;
    assert_eq!(whole.json["events"], json!(["case.created", "case.updated"]), "{}", whole.text);
}

#[tokio::test]
async fn contradictions_are_refused_by_their_fields() {
    let (fixture, webhook) = start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let fields = |reply: Reply| {
        assert_eq!(reply.status, 422, "{}", reply.text);
        reply.json["errors"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    let event = json!(["case.created"]);
    let both = json!({"addEvents": event, "removeEvents": event});
    assert_eq!(fields(api.patch(&path(webhook), &both).await), ["removeEvents"]);
    for part in ["addEvents", "removeEvents"] {
        let whole = json!({"events": [], part: event});
        assert_eq!(fields(api.patch(&path(webhook), &whole).await), ["events"]);
    }
    let unknown = api.patch(&path(webhook), &json!({"addEvents": ["case.exploded"]})).await;
    assert_eq!(unknown.status, 422, "{}", unknown.text);
    assert_eq!(fixture.card(webhook).await.events, [EventType::IssueCreated, EventType::IssueUpdated]);
}

#[tokio::test]
async fn a_wildcard_is_stored_and_sends_its_events() {
    let (fixture, webhook) = start().await;
    let api = fixture.server.api(&fixture.ada).await;
    let set = async |body: Value| {
        let reply = api.patch(&path(webhook), &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json["events"].clone()
    };
    let sent = async || {
        let deliveries = api.all(&format!("/projects/{}/deliveries", fixture.project), 200).await;
        deliveries.iter().map(|delivery| delivery["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(set(json!({"events": ["issue.created", "issue.*"]})).await, json!(["issue.*"]));
    fixture.issue("One").await;
    assert_eq!(sent().await, ["issue.created"]);
    assert_eq!(set(json!({"addEvents": ["*"]})).await, json!(["*"]));
    let case = api.post(&format!("/projects/{}/cases", fixture.project), &json!({"title": "Pay"})).await;
    assert_eq!(case.status, 201);
    assert_eq!(sent().await, ["case.created", "issue.created"]);
    let all_but = |excluded: &[Subject]| -> Vec<String> {
        let others = Subject::ALL.iter().filter(|subject| !excluded.contains(subject));
        others.map(|subject| format!("{subject}.*")).collect()
    };
    let mut rest = all_but(&[Subject::Issue]);
    rest.extend(["issue.updated", "issue.resolved", "issue.deleted"].map(str::to_owned));
    assert_eq!(set(json!({"removeEvents": ["issue.created"]})).await, json!(rest));
    fixture.issue("Two").await;
    assert_eq!(sent().await.len(), 2, "a removed event is not sent");
    assert_eq!(
        set(json!({"removeEvents": ["issue.*", "case.*"]})).await,
        json!(all_but(&[Subject::Issue, Subject::Case]))
    );
    assert_eq!(set(json!({"removeEvents": ["*"]})).await, json!([]));
    for (add, remove) in [("issue.*", "issue.created"), ("issue.created", "issue.*"), ("*", "*")] {
        let reply = api.patch(&path(webhook), &json!({"addEvents": [add], "removeEvents": [remove]})).await;
        assert!(reply.json["errors"]["removeEvents"].is_string(), "{add} {remove}: {}", reply.text);
    }
}

#[tokio::test]
async fn a_webhook_sends_the_events_of_its_scope() {
    let (fixture, webhook) = start().await;
    let server = &fixture.server;
    let (listed, other) = (server.project(&fixture.ada, "TWO").await, server.project(&fixture.ada, "THREE").await);
    let api = server.api(&fixture.ada).await;
    let sent = async || {
        let mut counts = Vec::new();
        for project in [fixture.project, listed, other] {
            let issue = api.post(&format!("/projects/{project}/issues"), &json!({"title": "One"})).await;
            assert_eq!(issue.status, 201, "{}", issue.text);
            let rows = delivery::Entity::find().filter(delivery::Column::ProjectId.eq(project));
            let rows = rows.all(server.state.store.read()).await.unwrap();
            assert!(rows.iter().all(|row| row.webhook_id == webhook));
            counts.push(rows.len());
        }
        counts
    };
    assert_eq!(sent().await, [1, 0, 0]);
    let root = server.api(&server.user("Root", true).await).await;
    let set_scope = async |scope: Value| {
        let changed = root.patch(&format!("/webhooks/{webhook}"), &json!({ "scope": scope })).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };
    set_scope(json!({"kind": "projects", "projectIds": [fixture.project, listed]})).await;
    assert_eq!(sent().await, [2, 1, 0]);
    set_scope(json!({"kind": "all"})).await;
    assert_eq!(sent().await, [3, 2, 1]);
}
