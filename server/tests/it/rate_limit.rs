//! The rate limit of a webhook.

use std::time::Duration;

use app::model::delivery_policy::PolicyChange;
use app::model::id::WebhookId;
use app::model::rate_limit::RatePeriod;
use app::model::webhook::{CreateWebhook, HeldDeliveriesAction, SendTest, UpdateWebhook};
use app::service::Webhooks;

use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

fn limit(rate_limit: u32) -> PolicyChange {
    PolicyChange { rate_limit: Some(rate_limit), rate_period: Some(RatePeriod::Minute), ..PolicyChange::default() }
}

/// A webhook that gets a message every two seconds.
async fn limited(fixture: &OutboundFixture, receiver: &Receiver) -> WebhookId {
    let new = CreateWebhook { policy: limit(30), ..CreateWebhook::default() };
    fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id
}

async fn issues(fixture: &OutboundFixture, count: usize) {
    for n in 0..count {
        fixture.issue(&format!("Issue {n}")).await;
    }
}

#[tokio::test]
async fn messages_are_spread_evenly_and_the_queue_is_shown() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = limited(&fixture, &receiver).await;
    issues(&fixture, 4).await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    assert_eq!(fixture.card(id).await.queued_count, 3);
    for sent in 1..4 {
        fixture.advance(Duration::from_millis(1_900));
        fixture.dispatch_idle().await;
        receiver.requests(sent).await;
        fixture.advance(Duration::from_millis(100));
        receiver.requests(sent + 1).await;
        fixture.dispatch_idle().await;
    }
    assert_eq!(fixture.card(id).await.queued_count, 0);
    // A pause isn't made up for.
    fixture.advance(Duration::from_secs(60));
    issues(&fixture, 2).await;
    receiver.requests(5).await;
    fixture.dispatch_idle().await;
    receiver.requests(5).await;
}

#[tokio::test]
async fn a_slow_endpoint_gets_as_many_messages() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::slow(fixture.state().clock.clone(), Duration::from_secs(5)).await;
    limited(&fixture, &receiver).await;
    issues(&fixture, 2).await;
    receiver.requests(1).await;
    fixture.server.dispatch_idle(1).await;
    fixture.advance(Duration::from_secs(2));
    receiver.requests(2).await;
    fixture.server.dispatch_idle(2).await;
    fixture.advance(Duration::from_secs(5));
    fixture.dispatch_idle().await;
}

#[tokio::test]
async fn a_test_is_the_next_message() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = limited(&fixture, &receiver).await;
    issues(&fixture, 3).await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.state().test_webhook(&fixture.ada, id, SendTest::default()).await.unwrap();
    fixture.dispatch_idle().await;
    receiver.requests(1).await;
    fixture.advance(Duration::from_secs(2));
    assert_eq!(receiver.requests(2).await[1].json()["type"], "webhook.test");
}

#[tokio::test]
async fn a_removed_limit_ends_with_the_next_message() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let id = limited(&fixture, &receiver).await;
    issues(&fixture, 6).await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    let change = UpdateWebhook { policy: limit(0), ..UpdateWebhook::default() };
    let changed = fixture.state().update_webhook(&fixture.ada, id, change).await.unwrap();
    assert_eq!((changed.queued_count, changed.policy.unwrap().rate_limit), (0, 0));
    fixture.advance(Duration::from_secs(2));
    receiver.requests(6).await;
}

#[tokio::test]
async fn a_turn_in_which_nothing_is_sent_is_not_used_up() {
    let fixture = OutboundFixture::start().await;
    let answer = |n| if n == 0 { http::StatusCode::BAD_GATEWAY } else { http::StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let policy = PolicyChange { degraded_after: Some(1), retry_delays: Some(Vec::new()), ..limit(1) };
    let new = CreateWebhook { policy, ..CreateWebhook::default() };
    let id = fixture.try_webhook_with(&receiver.url("/"), new).await.unwrap().webhook.id;
    fixture.issue("One").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.advance(Duration::from_secs(61));
    // Its worker looks for something to send and finds nothing.
    fixture.state().deactivate_webhook(&fixture.ada, id).await.unwrap();
    fixture.state().activate_webhook(&fixture.ada, id, HeldDeliveriesAction::Send).await.unwrap();
    fixture.dispatch_idle().await;
    fixture.issue("Two").await;
    receiver.requests(2).await;
}

#[tokio::test]
async fn two_nodes_keep_one_limit() {
    let (fixture, receiver) = (OutboundFixture::start().await, Receiver::start().await);
    let Some(other) = fixture.server.second_node().await else { return };
    limited(&fixture, &receiver).await;
    issues(&fixture, 6).await;
    let idle = async || {
        fixture.dispatch_idle().await;
        other.dispatch_idle(0).await;
    };
    for sent in 1..=6 {
        // Each node looks for due deliveries by itself, however late.
        receiver.wait_for_at_least(sent).await;
        idle().await;
        fixture.advance(Duration::from_millis(1_900));
        idle().await;
        receiver.requests(sent).await;
        fixture.advance(Duration::from_millis(100));
    }
    idle().await;
    receiver.requests(6).await;
    other.stop().await;
}
