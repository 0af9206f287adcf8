//! Deliveries in order for each subject.

use std::time::Duration;

use app::model::delivery::{DeliveryStatus, ManualAction};
use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::issue::{Issue, UpdateIssue};
use app::model::webhook::{CreateWebhook, HeldDeliveriesAction, UpdateWebhook};
use app::service::{Deliveries, Issues, Webhooks};
use http::StatusCode;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// More than the delay of the retry with its jitter.
const RETRY: Duration = Duration::from_secs(121);

struct Ordered {
    fixture: OutboundFixture,
    receiver: Receiver,
    id: WebhookId,
}

impl Ordered {
    /// A webhook in order whose endpoint fails the first request.
    async fn start(retry_delays: &[u32]) -> Self {
        let first_fails = |n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
        let (fixture, receiver) = (OutboundFixture::start().await, Receiver::answering(first_fails).await);
        let policy =
            PolicyChange { ordered: Some(true), retry_delays: Some(retry_delays.to_vec()), ..PolicyChange::default() };
        let new = CreateWebhook { policy, ..CreateWebhook::default() };
        let id = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id;
        Self { fixture, receiver, id }
    }

    async fn retitle(&self, issue: &Issue, title: &str) {
        let change = UpdateIssue { title: Some(title.into()), ..UpdateIssue::default() };
        self.fixture.state().update_issue(&self.fixture.ada, issue.id, change).await.unwrap();
    }

    /// The titles that were received.
    async fn titles(&self, count: usize) -> Vec<String> {
        let requests = self.receiver.requests(count).await;
        self.fixture.dispatch_idle().await;
        self.receiver.requests(count).await;
        requests.iter().map(|request| request.json()["data"]["title"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_retry_blocks_only_its_own_subject() {
    let ordered = Ordered::start(&[100]).await;
    let issue = ordered.fixture.issue("A1").await;
    ordered.titles(1).await;
    ordered.retitle(&issue, "A2").await;
    ordered.retitle(&issue, "A3").await;
    ordered.fixture.issue("B1").await;
    assert_eq!(ordered.titles(2).await, ["A1", "B1"], "B1 doesn't wait for A1");
    assert_eq!(ordered.fixture.card(ordered.id).await.queued_count, 3);
    ordered.fixture.advance(RETRY);
    assert_eq!(ordered.titles(5).await, ["A1", "B1", "A1", "A2", "A3"]);
    assert_eq!(ordered.fixture.card(ordered.id).await.queued_count, 0);
}

#[tokio::test]
async fn without_the_option_nothing_waits_for_a_retry() {
    let ordered = Ordered::start(&[100]).await;
    let policy = PolicyChange { ordered: Some(false), ..PolicyChange::default() };
    let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
    ordered.fixture.state().update_webhook(&ordered.fixture.ada, ordered.id, change).await.unwrap();
    let issue = ordered.fixture.issue("A1").await;
    ordered.titles(1).await;
    ordered.retitle(&issue, "A2").await;
    assert_eq!(ordered.titles(2).await, ["A1", "A2"]);
}

#[tokio::test]
async fn an_exhausted_delivery_lets_the_next_one_go() {
    let ordered = Ordered::start(&[]).await;
    let issue = ordered.fixture.issue("A1").await;
    ordered.retitle(&issue, "A2").await;
    assert_eq!(ordered.titles(2).await, ["A1", "A2"]);
    let statuses = ordered.fixture.deliveries(ordered.id).await;
    let statuses: Vec<_> = statuses.iter().map(|detail| detail.delivery.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Delivered, DeliveryStatus::Exhausted]);
}

#[tokio::test]
async fn a_cancelled_delivery_lets_the_next_one_go() {
    let ordered = Ordered::start(&[3_600]).await;
    let issue = ordered.fixture.issue("A1").await;
    ordered.titles(1).await;
    ordered.retitle(&issue, "A2").await;
    ordered.titles(1).await;
    let first = ordered.fixture.deliveries(ordered.id).await.pop().unwrap().delivery.id;
    let (state, ada) = (ordered.fixture.state(), &ordered.fixture.ada);
    state.change_delivery(ada, first, ManualAction::Cancel).await.unwrap();
    assert_eq!(ordered.titles(2).await, ["A1", "A2"]);
}

#[tokio::test]
async fn held_deliveries_stay_in_order() {
    let ordered = Ordered::start(&[100]).await;
    let (state, ada) = (ordered.fixture.state(), &ordered.fixture.ada);
    state.deactivate_webhook(ada, ordered.id).await.unwrap();
    let issue = ordered.fixture.issue("A1").await;
    ordered.retitle(&issue, "A2").await;
    ordered.fixture.issue("B1").await;
    state.activate_webhook(ada, ordered.id, HeldDeliveriesAction::Send).await.unwrap();
    assert_eq!(ordered.titles(2).await, ["A1", "B1"]);
    ordered.retitle(&issue, "A3").await;
    ordered.titles(2).await;
    ordered.fixture.advance(RETRY);
    assert_eq!(ordered.titles(5).await, ["A1", "B1", "A1", "A2", "A3"]);
}

#[tokio::test]
async fn a_replay_is_ordered_as_the_policy_says_now() {
    let fixture = OutboundFixture::start().await;
    let second_fails = |n| if n == 1 { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let receiver = Receiver::answering(second_fails).await;
    let policy = PolicyChange { retry_delays: Some(vec![100]), ..PolicyChange::default() };
    let new = CreateWebhook { policy, ..CreateWebhook::default() };
    let id = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id;
    let ordered = Ordered { fixture, receiver, id };
    let issue = ordered.fixture.issue("A1").await;
    ordered.titles(1).await;
    let first = ordered.fixture.wait_for_attempts(id, 1).await.delivery.id;
    let policy = PolicyChange { ordered: Some(true), ..PolicyChange::default() };
    let change = UpdateWebhook { policy, ..UpdateWebhook::default() };
    ordered.fixture.state().update_webhook(&ordered.fixture.ada, id, change).await.unwrap();
    ordered.fixture.state().replay_delivery(&ordered.fixture.ada, first).await.unwrap();
    ordered.titles(2).await;
    ordered.retitle(&issue, "A2").await;
    assert_eq!(ordered.titles(2).await, ["A1", "A1"], "A2 waits for the replay");
    ordered.fixture.advance(RETRY);
    assert_eq!(ordered.titles(4).await, ["A1", "A1", "A1", "A2"]);
}
