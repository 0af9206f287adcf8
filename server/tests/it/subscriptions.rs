//! The subscriptions of a webhook, changed in part: by several at once, and without a contradiction.

use app::model::audit::AuditAction;
use app::model::catalog::EventType;
use app::model::id::WebhookId;
use app::model::people::Role;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::api::{Api, Reply};
use crate::support::outbound::Sender;

fn names(events: &[EventType]) -> Value {
    events.iter().map(|event| event.as_str()).collect()
}

fn path(webhook: WebhookId) -> String {
    format!("/webhooks/{webhook}")
}

/// A webhook for issues that were made or changed.
async fn start() -> (Sender, WebhookId) {
    let sender = Sender::start().await;
    let webhook = sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    (sender, webhook)
}

/// One request for each event, by the admins in turn.
fn switches<'a>(
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
        assert_eq!(on, list == "addEvents", "each is answered with what is then");
    })
}

#[tokio::test]
async fn what_several_admins_switch_in_the_same_moment_is_all_kept() {
    let (sender, webhook) = start().await;
    let bob = sender.server.user("Bob", false).await;
    sender.server.join(sender.project, &bob, Role::Admin).await;
    let admins = [sender.server.api(&sender.ada).await, sender.server.api(&bob).await];
    let first = [EventType::IssueCreated, EventType::IssueUpdated];
    let (first, others): (Vec<_>, Vec<_>) = EventType::ALL.iter().copied().partition(|event| first.contains(event));
    let path = path(webhook);
    join_all(switches(&admins, &path, &others, &first)).await;
    assert_eq!(sender.card(webhook).await.events, others);
    join_all(switches(&admins, &path, &first, &others)).await;
    assert_eq!(sender.card(webhook).await.events, first);
    let entries = sender.audited(AuditAction::WebhookUpdated).await;
    assert_eq!(entries, vec!["Events"; 2 * EventType::ALL.len()], "each switch is written down");
}

#[tokio::test]
async fn a_switch_to_what_is_already_so_changes_nothing_and_the_last_event_can_go() {
    let (sender, webhook) = start().await;
    let api = sender.server.api(&sender.ada).await;
    let mut live = sender.core().hub.subscribe(sender.project, None).0;
    let same = json!({"addEvents": ["issue.updated", "issue.updated"], "removeEvents": ["case.created"]});
    let reply = api.patch(&path(webhook), &same).await;
    assert_eq!(reply.json["events"], json!(["issue.created", "issue.updated"]), "{}", reply.text);
    assert!(live.try_recv().is_err(), "nothing to tell");
    assert!(sender.audited(AuditAction::WebhookUpdated).await.is_empty());

    let none = api.patch(&path(webhook), &json!({"removeEvents": names(EventType::ALL)})).await;
    assert_eq!((none.status, &none.json["events"]), (200, &json!([])), "{}", none.text);
    let whole = api.patch(&path(webhook), &json!({"events": ["case.updated", "case.created"]})).await;
    assert_eq!(whole.json["events"], json!(["case.created", "case.updated"]), "{}", whole.text);
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_by_its_fields() {
    let (sender, webhook) = start().await;
    let api = sender.server.api(&sender.ada).await;
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
    assert_eq!(sender.card(webhook).await.events, [EventType::IssueCreated, EventType::IssueUpdated]);
}
