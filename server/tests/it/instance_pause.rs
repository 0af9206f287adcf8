//! The pause of all outbound webhooks: what happens to events, and what resuming does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{DeliveryStatus, ManualAction};
use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::live::{ChangeKind, WORKSPACE};
use app::model::people::{Actor, Role};
use app::model::webhook::{CreateWebhook, Health, HeldDeliveriesAction, SendTest, UpdateWebhook};
use app::model::webhook_activity::WhileInactive;
use app::model::webhook_pause::SetWebhookPause;
use app::service::{Audit, Deliveries, WebhookPauses, Webhooks};
use http::{Method, StatusCode};
use serde_json::json;

use crate::support::api::{Api, Reply};
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

struct PauseFixture {
    outbound: OutboundFixture,
    root: Actor,
}

impl PauseFixture {
    async fn start() -> Self {
        let outbound = OutboundFixture::start().await;
        let root = outbound.server.user("Root", true).await;
        Self { outbound, root }
    }

    async fn set(&self, paused: bool) -> u32 {
        let set = SetWebhookPause { paused };
        let pause = self.outbound.state().set_webhook_pause(&self.root, set).await.unwrap();
        assert_eq!(pause.paused, paused);
        pause.webhook_count
    }

    async fn webhook(&self, receiver: &Receiver) -> WebhookId {
        self.outbound.webhook(&receiver.url("/")).await.webhook.id
    }

    async fn drop_while_inactive(&self, webhook: WebhookId) {
        let change = UpdateWebhook { while_inactive: Some(WhileInactive::Drop), ..UpdateWebhook::default() };
        self.outbound.state().update_webhook(&self.outbound.ada, webhook, change).await.unwrap();
    }

    async fn paused_ids(&self) -> Vec<WebhookId> {
        let page = self.outbound.state().list_paused_webhooks(&self.root, Default::default()).await.unwrap();
        page.items.into_iter().map(|webhook| webhook.id).collect()
    }
}

async fn put(api: &Api, paused: bool) -> Reply {
    api.call(Method::PUT, "/webhook-pause", Some(&json!({"paused": paused}))).await
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let sent = receiver.requests_so_far().into_iter().map(|request| request.json());
    sent.map(|body| body["data"]["title"].as_str().unwrap_or("test").to_owned()).collect()
}

#[tokio::test]
async fn events_are_held_during_the_pause_and_sent_in_order_after_it() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    fixture.drop_while_inactive(webhook).await;
    let api = fixture.outbound.server.api(&fixture.root).await;
    let paused = put(&api, true).await;
    assert_eq!((paused.status, &paused.json["webhookCount"], &paused.json["by"]), (200, &json!(1), &json!("Root")));
    for title in ["One", "Two", "Three"] {
        fixture.outbound.issue(title).await;
    }
    fixture.outbound.advance(Duration::from_secs(60));
    fixture.outbound.dispatch_idle().await;
    assert!(titles(&receiver).is_empty());
    let card = fixture.outbound.card(webhook).await;
    assert_eq!((card.active, card.instance_paused, card.held_count), (true, true, 3));
    let resumed = put(&api, false).await;
    assert_eq!((resumed.status, &resumed.json["since"]), (200, &json!(null)), "{}", resumed.text);
    receiver.requests(3).await;
    assert_eq!(titles(&receiver), ["One", "Two", "Three"]);
    fixture.outbound.issue("Four").await;
    receiver.requests(4).await;
    assert!(!fixture.outbound.card(webhook).await.instance_paused);
}

#[tokio::test]
async fn what_waits_is_held_when_the_pause_begins() {
    let receiver = Receiver::answering(|_| StatusCode::BAD_GATEWAY).await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    fixture.drop_while_inactive(webhook).await;
    fixture.outbound.issue("Failed").await;
    fixture.outbound.wait_for_attempts(webhook, 1).await;
    fixture.outbound.dispatch_idle().await;
    fixture.set(true).await;
    let held = |status| status == DeliveryStatus::Held;
    fixture.outbound.wait_for_delivery(webhook, "held", |detail| held(detail.delivery.status)).await;
    fixture.outbound.advance(Duration::from_secs(3600));
    fixture.outbound.dispatch_idle().await;
    receiver.requests(1).await;
    fixture.set(false).await;
    fixture.outbound.wait_for_attempts(webhook, 2).await;
}

#[tokio::test]
async fn an_inactive_webhook_keeps_dropping_its_events_during_the_pause() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    fixture.drop_while_inactive(webhook).await;
    fixture.outbound.state().deactivate_webhook(&fixture.outbound.ada, webhook).await.unwrap();
    assert_eq!(fixture.set(true).await, 0);
    fixture.outbound.issue("Dropped").await;
    fixture.outbound.dispatch_idle().await;
    assert_eq!(fixture.outbound.deliveries(webhook).await[0].delivery.status, DeliveryStatus::Cancelled);
}

#[tokio::test]
async fn only_what_was_active_before_is_active_after_the_pause() {
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let fixture = PauseFixture::start().await;
    let (active, inactive) = (fixture.webhook(&first).await, fixture.webhook(&second).await);
    fixture.outbound.state().deactivate_webhook(&fixture.outbound.ada, inactive).await.unwrap();
    assert_eq!(fixture.set(true).await, 1);
    assert_eq!(fixture.paused_ids().await, [active]);
    fixture.set(false).await;
    assert!(fixture.outbound.card(active).await.active);
    assert!(!fixture.outbound.card(inactive).await.active);
    fixture.outbound.issue("One").await;
    first.requests(1).await;
    fixture.outbound.dispatch_idle().await;
    assert!(titles(&second).is_empty());
}

#[tokio::test]
async fn webhooks_are_resumed_one_by_one() {
    let (first, second) = (Receiver::start().await, Receiver::start().await);
    let fixture = PauseFixture::start().await;
    let (one, other) = (fixture.webhook(&first).await, fixture.webhook(&second).await);
    assert_eq!(fixture.set(true).await, 2);
    fixture.outbound.issue("Held").await;
    let api = fixture.outbound.server.api(&fixture.root).await;
    let mut live = fixture.outbound.server.changes(WORKSPACE);
    let resumed = api.post(&format!("/webhooks/{one}/resume"), &json!({})).await;
    assert_eq!((resumed.status, &resumed.json["instancePaused"]), (200, &json!(false)), "{}", resumed.text);
    // The page of the pause is read again in other tabs.
    while live.recv().await.unwrap().change.kind != ChangeKind::WebhookPauseChanged {}
    first.requests(1).await;
    fixture.outbound.issue("Sent").await;
    first.requests(2).await;
    fixture.outbound.dispatch_idle().await;
    assert!(titles(&second).is_empty());
    assert_eq!(fixture.paused_ids().await, [other]);
    let list = api.get("/webhook-pause/webhooks").await.json;
    assert_eq!((&list["items"][0]["heldCount"], &list["items"][0]["projectName"]), (&json!(2), &json!("Project WEB")));
    assert_eq!(api.post(&format!("/webhooks/{one}/resume"), &json!({})).await.status, 409);
    // The switch pauses the resumed one again, and ends the pause of the others.
    assert_eq!(fixture.set(true).await, 2);
    assert_eq!(fixture.set(false).await, 0);
    second.requests(2).await;
}

#[tokio::test]
async fn a_new_webhook_is_paused_during_the_pause() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    fixture.set(true).await;
    let created = fixture.outbound.webhook(&receiver.url("/")).await.webhook;
    assert!(created.instance_paused);
    fixture.outbound.state().deactivate_webhook(&fixture.outbound.ada, created.id).await.unwrap();
    let send = HeldDeliveriesAction::Send;
    let activated = fixture.outbound.state().activate_webhook(&fixture.outbound.ada, created.id, send).await.unwrap();
    assert_eq!((activated.active, activated.instance_paused), (true, true));
    fixture.outbound.issue("Held").await;
    fixture.outbound.dispatch_idle().await;
    assert!(titles(&receiver).is_empty());
    fixture.set(false).await;
    receiver.requests(1).await;
    assert!(!fixture.outbound.webhook(&receiver.url("/")).await.webhook.instance_paused);
}

#[tokio::test]
async fn a_disabled_webhook_is_not_probed_during_the_pause() {
    let works = Arc::new(AtomicBool::new(false));
    let switch = works.clone();
    let answer = move |_| if switch.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
    let receiver = Receiver::answering(answer).await;
    let fixture = PauseFixture::start().await;
    let policy = PolicyChange {
        auto_recovery: Some(true),
        retry_delays: Some(Vec::new()),
        disabled_after: Some(1),
        ..PolicyChange::default()
    };
    let new = CreateWebhook { policy, ..CreateWebhook::default() };
    let webhook = fixture.outbound.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id;
    fixture.outbound.issue("Disables").await;
    fixture.outbound.wait_for_card(webhook, "disabled", |card| card.health == Health::Disabled).await;
    fixture.outbound.issue("Held").await;
    fixture.outbound.dispatch_idle().await;
    fixture.set(true).await;
    works.store(true, Ordering::SeqCst);
    fixture.outbound.advance(Duration::from_secs(3600));
    fixture.outbound.dispatch_idle().await;
    receiver.requests(1).await;
    fixture.set(false).await;
    fixture.outbound.advance(Duration::from_secs(2));
    receiver.requests(2).await;
}

#[tokio::test]
async fn a_test_is_sent_during_the_pause() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    fixture.set(true).await;
    fixture.outbound.state().test_webhook(&fixture.outbound.ada, webhook, SendTest::default()).await.unwrap();
    receiver.requests(1).await;
}

#[tokio::test]
async fn a_delivery_of_a_paused_webhook_is_not_retried() {
    let receiver = Receiver::answering(|_| StatusCode::NOT_FOUND).await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    fixture.outbound.issue("It breaks").await;
    let exhausted = fixture.outbound.wait_for_attempts(webhook, 1).await.delivery.id;
    fixture.set(true).await;
    let (state, ada) = (fixture.outbound.state(), &fixture.outbound.ada);
    let error = state.change_delivery(ada, exhausted, ManualAction::Retry).await.unwrap_err();
    assert!(error.status() == 409 && error.to_string().contains("paused"), "{error}");
    assert_eq!(state.replay_delivery(ada, exhausted).await.unwrap().status, DeliveryStatus::Held);
}

#[tokio::test]
async fn open_pages_of_all_projects_learn_of_the_pause() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    let server = &fixture.outbound.server;
    let other = server.project(&fixture.root, "OTHER").await;
    // A webhook's row updates at most once per second.
    fixture.outbound.advance(Duration::from_secs(2));
    let (mut here, mut there) = (server.changes(fixture.outbound.project), server.changes(other));
    fixture.set(true).await;
    assert_eq!(here.recv().await.unwrap().change.kind, ChangeKind::WebhookChanged { webhook_id: webhook });
    while here.recv().await.unwrap().change.kind != ChangeKind::WebhookPauseChanged {}
    assert_eq!(there.recv().await.unwrap().change.kind, ChangeKind::WebhookPauseChanged);
}

#[tokio::test]
async fn the_pause_is_audited_and_only_changed_by_system_admins() {
    let receiver = Receiver::start().await;
    let fixture = PauseFixture::start().await;
    let webhook = fixture.webhook(&receiver).await;
    let server = &fixture.outbound.server;
    let member = server.user("Member", false).await;
    server.join(fixture.outbound.project, &member, Role::Member).await;
    for actor in [&fixture.outbound.ada, &member] {
        let api = server.api(actor).await;
        assert_eq!(put(&api, true).await.status, 403);
        assert_eq!(api.get("/webhook-pause").await.json["paused"], false);
        assert_eq!(api.get("/webhook-pause/webhooks").await.status, 403);
    }
    fixture.set(true).await;
    // The same again changes nothing and is not audited.
    fixture.set(true).await;
    let root = server.api(&fixture.root).await;
    assert_eq!(server.api(&member).await.get("/webhook-pause").await.json["by"], "Root");
    let limited = json!({"name": "ci", "scope": "admin", "projectId": fixture.outbound.project});
    let made = root.post("/tokens", &limited).await.json;
    let token = server.with_token(made["secret"].as_str().unwrap());
    assert_eq!(put(&token, false).await.status, 403);
    assert_eq!(token.post(&format!("/webhooks/{webhook}/resume"), &json!({})).await.status, 403);
    assert_eq!(root.post(&format!("/webhooks/{webhook}/resume"), &json!({})).await.status, 200);
    fixture.set(false).await;
    let entries = fixture.outbound.state().list_audit(&fixture.root, None, Default::default()).await.unwrap().items;
    let pauses = entries.into_iter().filter(|entry| entry.subject == "webhook_pause");
    let found: Vec<_> = pauses.map(|entry| (entry.action, entry.detail.unwrap())).collect();
    let expected =
        [(AuditAction::WebhooksResumed, "Active webhooks: 0."), (AuditAction::WebhooksPaused, "Active webhooks: 1.")];
    assert_eq!(found, expected.map(|(action, detail)| (action, detail.to_owned())));
    assert_eq!(fixture.outbound.audit_details(AuditAction::WebhookResumed).await, [""]);
}
