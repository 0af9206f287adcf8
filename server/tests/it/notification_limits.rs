//! A webhook that fails and recovers again and again, and users who want no emails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::people::Role;
use app::model::webhook::{CreateWebhook, Health, HeldDeliveriesAction};
use app::service::Webhooks;
use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::smtp_server::SmtpServer;

const MINUTE: Duration = Duration::from_secs(60);

/// A webhook whose endpoint works and fails as a test wants.
struct Flapping {
    fixture: OutboundFixture,
    _receiver: Receiver,
    works: Arc<AtomicBool>,
    mail: SmtpServer,
    id: WebhookId,
}

impl Flapping {
    async fn start(policy: PolicyChange) -> Self {
        let fixture = OutboundFixture::start().await;
        let mail = SmtpServer::answering(|_| "250 queued").await;
        let admin = fixture.server.user("Sys", true).await;
        let settings = json!({
            "host": "127.0.0.1", "port": mail.address.port(), "encryption": "none", "from": "testbell@example.com",
        });
        let api = fixture.server.api(&admin).await;
        assert_eq!(api.call(Method::PUT, "/email-settings", Some(&settings)).await.status, 200);
        let works = Arc::new(AtomicBool::new(false));
        let switch = works.clone();
        let answer = move |_| if switch.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
        let receiver = Receiver::answering(answer).await;
        let policy = PolicyChange { retry_delays: Some(Vec::new()), ..policy };
        let new = CreateWebhook { policy, ..CreateWebhook::default() };
        let id = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id;
        Self { fixture, _receiver: receiver, works, mail, id }
    }

    /// Sends an event to an endpoint that works or not, and waits for the health.
    async fn event(&self, works: bool, health: Health) {
        self.works.store(works, Ordering::SeqCst);
        self.fixture.advance(MINUTE);
        self.fixture.issue("Something").await;
        self.wait_for(health).await;
    }

    async fn wait_for(&self, health: Health) {
        self.fixture.wait_for_card(self.id, health.as_str(), |card| card.health == health).await;
        self.fixture.dispatch_idle().await;
    }

    /// The notifications about its health, oldest first: the end of the event's name, and how many were left out.
    async fn told(&self) -> Vec<(String, u32)> {
        let api = self.fixture.server.api(&self.fixture.ada).await;
        let page = api.get("/notifications?limit=100").await.json;
        let mut told: Vec<_> = page["items"].as_array().unwrap().iter().filter_map(told_of).collect();
        told.reverse();
        told
    }
}

fn told_of(item: &Value) -> Option<(String, u32)> {
    let event = item["event"].as_str().unwrap().strip_prefix("webhook.").unwrap();
    let reason = item["reason"].as_str().unwrap();
    let mut left_out = reason.split(' ').rev().skip_while(|word| *word != "notification" && *word != "notifications");
    let left_out = left_out.nth(1).and_then(|count| count.parse().ok()).unwrap_or(0);
    (event != "delivery_exhausted").then(|| (event.to_owned(), left_out))
}

fn told<const N: usize>(expected: [(&str, u32); N]) -> Vec<(String, u32)> {
    expected.map(|(event, left_out)| (event.to_owned(), left_out)).into()
}

#[tokio::test]
async fn a_flapping_webhook_notifies_once_an_hour() {
    let flapping = Flapping::start(PolicyChange { degraded_after: Some(1), ..PolicyChange::default() }).await;
    for _ in 0..4 {
        flapping.event(false, Health::Degraded).await;
        flapping.event(true, Health::Healthy).await;
    }
    assert_eq!(flapping.told().await, told([("degraded", 0), ("recovered", 0)]));
    flapping.fixture.advance(55 * MINUTE);
    flapping.event(false, Health::Degraded).await;
    flapping.event(true, Health::Healthy).await;
    let expected = told([("degraded", 0), ("recovered", 0), ("degraded", 3), ("recovered", 3)]);
    assert_eq!(flapping.told().await, expected);
}

#[tokio::test]
async fn a_webhook_that_is_disabled_after_a_recovery_is_always_reported() {
    let policy = PolicyChange { disabled_after: Some(1), auto_recovery: Some(true), ..PolicyChange::default() };
    let flapping = Flapping::start(policy).await;
    for round in 0..3 {
        flapping.event(false, Health::Disabled).await;
        // The probe needs a held delivery.
        flapping.fixture.issue("Held").await;
        flapping.works.store(true, Ordering::SeqCst);
        flapping.fixture.advance(6 * MINUTE);
        flapping.wait_for(Health::Healthy).await;
        let expected = told([("disabled", 0), ("recovered", 0), ("disabled", 0)]);
        assert_eq!(flapping.told().await, expected[..if round == 0 { 2 } else { 3 }], "round {round}");
    }
    // An email for each of them.
    let messages = flapping.mail.messages(3).await;
    assert_eq!(messages.iter().filter(|message| message.contains("was disabled")).count(), 2);
    // It works since the last round, so that is said when the limit ends.
    flapping.fixture.advance(60 * MINUTE);
    assert!(flapping.mail.messages(4).await[3].contains("works again"));
    flapping.event(false, Health::Disabled).await;
    assert_eq!(flapping.told().await[3..], told([("recovered", 1), ("disabled", 1)]));
    assert!(flapping.mail.messages(5).await[4].contains("1 notification like this was left out"));
}

#[tokio::test]
async fn the_present_health_is_told_when_the_limit_ends() {
    let flapping = Flapping::start(PolicyChange { degraded_after: Some(1), ..PolicyChange::default() }).await;
    flapping.event(false, Health::Degraded).await;
    flapping.event(true, Health::Healthy).await;
    flapping.fixture.advance(50 * MINUTE);
    flapping.event(false, Health::Degraded).await;
    // The limit of "degraded" ends, an hour after the first one.
    let expected = told([("degraded", 0), ("recovered", 0), ("degraded", 0)]);
    let advance_until = async |count: usize| {
        let what = format!("{count} notifications");
        flapping.fixture.advance_until(MINUTE, &what, async || flapping.told().await.len() == count).await;
    };
    advance_until(3).await;
    assert_eq!(flapping.told().await, expected);
    flapping.event(true, Health::Healthy).await;
    flapping.event(false, Health::Degraded).await;
    flapping.event(true, Health::Healthy).await;
    // Whether "recovered" was left out depends on the minute; it is the last word anyway.
    advance_until(4).await;
    assert_eq!(flapping.told().await[3].0, "recovered");
    flapping.fixture.advance(180 * MINUTE);
    flapping.fixture.dispatch_idle().await;
    assert_eq!(flapping.told().await.len(), 4, "what people know is not told again");
}

#[tokio::test]
async fn a_webhook_that_a_user_enabled_is_reported_again() {
    let flapping = Flapping::start(PolicyChange { disabled_after: Some(1), ..PolicyChange::default() }).await;
    for _ in 0..2 {
        flapping.event(false, Health::Disabled).await;
        let (state, ada) = (flapping.fixture.state(), &flapping.fixture.ada);
        state.enable_webhook(ada, flapping.id, HeldDeliveriesAction::Discard).await.unwrap();
    }
    assert_eq!(flapping.told().await, told([("disabled", 0), ("disabled", 0)]));
}

#[tokio::test]
async fn a_user_without_emails_still_gets_notifications() {
    let flapping = Flapping::start(PolicyChange { disabled_after: Some(1), ..PolicyChange::default() }).await;
    let bob = flapping.fixture.server.user("Bob", false).await;
    flapping.fixture.server.join(flapping.fixture.project, &bob, Role::Admin).await;
    let api = flapping.fixture.server.api(&flapping.fixture.ada).await;
    assert_eq!(api.get("/me").await.json["webhookEmails"], true);
    let changed = api.patch("/me", &json!({"webhookEmails": false})).await;
    assert_eq!((changed.status, &changed.json["webhookEmails"]), (200, &json!(false)), "{}", changed.text);
    flapping.event(false, Health::Disabled).await;
    let message = flapping.mail.messages(1).await.remove(0);
    assert!(message.contains(&format!("To: {}", bob.email)), "{message}");
    assert_eq!(flapping.told().await, told([("disabled", 0)]));
    assert_eq!(api.get("/me").await.json["webhookEmails"], false);
}
