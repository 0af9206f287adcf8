//! Probes of a disabled webhook.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::model::delivery::DeliveryStatus;
use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::webhook::{Health, UpdateWebhook};
use app::service::Webhooks;
use http::StatusCode;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const MINUTE: Duration = Duration::from_secs(60);

struct Recovery {
    fixture: OutboundFixture,
    receiver: Receiver,
    works: Arc<AtomicBool>,
    id: WebhookId,
}

impl Recovery {
    /// A webhook that one failed delivery disables; another one is held.
    async fn disabled(failure: StatusCode, auto_recovery: bool) -> Self {
        let fixture = OutboundFixture::start().await;
        let works = Arc::new(AtomicBool::new(false));
        let switch = works.clone();
        let answer = move |_| if switch.load(Ordering::SeqCst) { StatusCode::OK } else { failure };
        let receiver = Receiver::answering(answer).await;
        let id = fixture.webhook(&receiver.url("/")).await.webhook.id;
        let policy = PolicyChange {
            auto_recovery: Some(auto_recovery),
            retry_delays: Some(Vec::new()),
            disabled_after: Some(1),
            ..PolicyChange::default()
        };
        let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
        fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
        fixture.issue("One").await;
        fixture.wait_for_card(id, "disabled", |card| card.health == Health::Disabled).await;
        fixture.issue("Two").await;
        fixture.issue("Three").await;
        Self { fixture, receiver, works, id }
    }

    /// Advances by almost `wait`, then beyond it. Only then is there one more request.
    async fn expect_probe_after(&self, wait: Duration, requests: usize) {
        self.fixture.dispatch_idle().await;
        self.fixture.advance(wait - Duration::from_secs(5));
        self.fixture.dispatch_idle().await;
        assert_eq!(self.receiver.requests(requests - 1).await.len(), requests - 1);
        self.fixture.advance(Duration::from_secs(10));
        self.receiver.requests(requests).await;
        self.fixture.dispatch_idle().await;
    }
}

#[tokio::test]
async fn a_disabled_webhook_is_probed_with_its_oldest_held_delivery() {
    let recovery = Recovery::disabled(StatusCode::BAD_GATEWAY, true).await;
    for (number, minutes) in [5, 15, 60, 360].into_iter().enumerate() {
        recovery.expect_probe_after(MINUTE * minutes, number + 2).await;
        let probe = recovery.receiver.requests(number + 2).await.pop().unwrap();
        assert_eq!(probe.json()["data"]["title"], "Two");
    }
    recovery.fixture.advance(MINUTE * 60 * 24);
    recovery.fixture.dispatch_idle().await;
    recovery.receiver.requests(5).await;
    let card = recovery.fixture.card(recovery.id).await;
    assert_eq!((card.health, card.held_count, card.next_probe_at), (Health::Disabled, 2, None));
}

#[tokio::test]
async fn a_probe_that_succeeds_enables_the_webhook_and_sends_the_rest() {
    let recovery = Recovery::disabled(StatusCode::BAD_GATEWAY, true).await;
    recovery.expect_probe_after(MINUTE * 5, 2).await;
    recovery.works.store(true, Ordering::SeqCst);
    recovery.fixture.advance(MINUTE * 16);
    let requests = recovery.receiver.requests(4).await;
    let titles: Vec<_> = requests.iter().map(|request| request.json()["data"]["title"].clone()).collect();
    assert_eq!(titles, ["One", "Two", "Two", "Three"]);
    let card = recovery.fixture.wait_for_card(recovery.id, "healthy", |card| card.health == Health::Healthy).await;
    assert_eq!((card.next_probe_at, card.health_change.unwrap().reason.as_str()), (None, "A held delivery succeeded."));
    recovery.fixture.dispatch_idle().await;
    let two = &recovery.fixture.deliveries(recovery.id).await[1].delivery;
    assert_eq!((two.status, two.attempt_count), (DeliveryStatus::Delivered, 2));
}

#[tokio::test]
async fn a_webhook_is_not_probed_unless_its_policy_says_so_and_never_after_a_410() {
    for (failure, auto_recovery) in [(StatusCode::BAD_GATEWAY, false), (StatusCode::GONE, true)] {
        let recovery = Recovery::disabled(failure, auto_recovery).await;
        recovery.fixture.advance(MINUTE * 60 * 24);
        recovery.fixture.dispatch_idle().await;
        recovery.receiver.requests(1).await;
        assert_eq!(recovery.fixture.card(recovery.id).await.next_probe_at, None);
    }
}

#[tokio::test]
async fn automatic_recovery_can_be_switched_while_the_webhook_is_disabled() {
    let recovery = Recovery::disabled(StatusCode::BAD_GATEWAY, false).await;
    let switch = async |auto_recovery: bool| {
        let policy = PolicyChange { auto_recovery: Some(auto_recovery), ..PolicyChange::default() };
        let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
        recovery.fixture.state().update_webhook(&recovery.fixture.ada, recovery.id, change).await.unwrap()
    };
    assert!(switch(true).await.next_probe_at.is_some());
    recovery.expect_probe_after(MINUTE * 5, 2).await;
    assert_eq!(switch(false).await.next_probe_at, None);
    recovery.fixture.advance(MINUTE * 60 * 24);
    recovery.fixture.dispatch_idle().await;
    recovery.receiver.requests(2).await;
}
