//! What is queued, held, ordered, replayed or cancelled, with a digest.

use app::model::delivery_policy::PolicyChange;
use app::model::destination::DestinationKind;
use app::model::range_replay::{ReplayRange, ReplaySource};
use app::model::webhook::{ChangeDestination, HeldDeliveriesAction};
use app::service::{RangeReplays, Webhooks};
use chrono::DateTime;
use http::{Method, StatusCode};
use server::entity::delivery::StoredStatus;

use super::*;

#[tokio::test]
async fn what_was_held_is_a_part_of_the_digest() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = with_digest(&platform).await;
    let (state, ada) = (platform.fixture.state().clone(), platform.fixture.ada.clone());
    platform.fixture.issue("Before").await;
    state.deactivate_webhook(&ada, webhook).await.unwrap();
    wait_for(&platform, webhook, StoredStatus::Held, 1).await;
    platform.fixture.issue("Meanwhile").await;
    platform.fixture.advance(5 * MINUTE);
    platform.fixture.dispatch_idle().await;
    assert!(platform.receiver.requests_so_far().is_empty());
    state.activate_webhook(&ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("2 events"), "{message}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 3).await;
    assert_eq!(platform.receiver.requests_so_far().len(), 1);
}

#[tokio::test]
async fn a_digest_of_a_disabled_webhook_is_held_and_sent_later() {
    let answer = |nth: usize| if nth == 0 { StatusCode::GONE } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Slack, answer).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    // The digest has failed with the webhook.
    wait_for(&platform, webhook, StoredStatus::Failed, 3).await;
    platform.fixture.issue("Three").await;
    platform.fixture.issue("Four").await;
    wait_for(&platform, webhook, StoredStatus::Held, 2).await;
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    let digest = digest_of(&rows(&platform, webhook).await);
    state.replay_delivery(ada, digest).await.unwrap();
    wait_for(&platform, webhook, StoredStatus::Held, 3).await;
    state.enable_webhook(ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let sent = messages(&platform, 3).await;
    let replayed = sent[1..].iter().filter(|message| **message == sent[0]).count();
    let summed_up = sent[1..].iter().filter(|message| message.contains("Four")).count();
    assert_eq!((replayed, summed_up), (1, 1));
    wait_for(&platform, webhook, StoredStatus::Delivered, 4).await;
}

#[tokio::test]
async fn a_webhook_that_drops_events_cancels_what_waits() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    let (state, ada) = (platform.fixture.state(), &platform.fixture.ada);
    let change = UpdateWebhook { while_inactive: Some("drop".parse().unwrap()), ..UpdateWebhook::default() };
    state.update_webhook(ada, webhook, change).await.unwrap();
    state.deactivate_webhook(ada, webhook).await.unwrap();
    let rows = wait_for(&platform, webhook, StoredStatus::Discarded, 2).await;
    assert!(rows.iter().all(|row| row.error.as_deref() == Some("The webhook was inactive.")));
}

#[tokio::test]
async fn a_digest_collects_the_queue_when_it_is_turned_on_and_is_sent_when_it_is_turned_off() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = platform.webhook().await.webhook.id;
    for nth in 0..30 {
        platform.fixture.issue(&format!("Issue {nth}")).await;
    }
    // Slack gets one message per second.
    platform.fixture.dispatch_idle().await;
    let sent = platform.receiver.requests_so_far().len();
    assert!(sent < 10, "{sent}");
    assert_eq!(platform.fixture.card(webhook).await.queued_count, u32::try_from(30 - sent).unwrap());
    set_digest(&platform.fixture, webhook, 5).await;
    assert_eq!(platform.fixture.card(webhook).await.queued_count, u32::try_from(30 - sent).unwrap());
    let digest = messages(&platform, sent + 1).await.remove(sent);
    assert!(digest.contains(&format!("{} events", 30 - sent)), "{digest}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 31).await;

    platform.fixture.issue("Last").await;
    platform.fixture.issue("Really last").await;
    set_digest(&platform.fixture, webhook, 0).await;
    let turned_off = platform.fixture.state().clock.now();
    let last = messages(&platform, sent + 2).await.remove(sent + 1);
    assert!(last.contains("2 events") && last.contains("Really last"), "{last}");
    assert!(platform.fixture.state().clock.now() - turned_off < chrono::TimeDelta::minutes(4));
    platform.fixture.issue("By itself").await;
    let single = messages(&platform, sent + 3).await.remove(sent + 2);
    assert!(single.contains("By itself"), "{single}");
}

#[tokio::test]
async fn a_deleted_webhook_cancels_what_waits_for_a_digest() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.state().delete_webhook(&platform.fixture.ada, webhook).await.unwrap();
    wait_for(&platform, webhook, StoredStatus::Discarded, 2).await;
    assert!(platform.receiver.requests_so_far().is_empty());
}

#[tokio::test]
async fn another_destination_gets_what_waits_one_by_one() {
    let platform = Platform::start(DestinationKind::Slack).await;
    let webhook = with_digest(&platform).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    let change = ChangeDestination { url: platform.receiver.url("/hook"), kind: None, allow_insecure: None };
    let state = platform.fixture.state();
    let changed = state.change_destination(&platform.fixture.ada, webhook, change).await.unwrap();
    assert_eq!(changed.webhook.policy.unwrap().digest_minutes, 0);
    let sent = messages(&platform, 2).await;
    assert!(sent[0].contains("\"title\":\"One\"") && sent[1].contains("\"title\":\"Two\""), "{sent:?}");
}

#[tokio::test]
async fn with_an_order_a_digest_waits_for_the_message_before() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Slack, answer).await;
    let webhook = with_digest(&platform).await;
    let policy = PolicyChange { ordered: Some(true), retry_delays: Some(vec![400]), ..PolicyChange::default() };
    set_policy(&platform.fixture, webhook, policy).await;
    platform.fixture.issue("Single").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    assert!(rows(&platform, webhook).await.iter().all(|row| row.ordering_key.is_none()));
    let sent = messages(&platform, 3).await;
    assert_eq!(sent[0], sent[1], "the digest waits for the retry");
    assert!(sent[2].contains("2 events"), "{}", sent[2]);
}

#[tokio::test]
async fn a_replayed_range_is_one_digest() {
    let platform = Platform::start(DestinationKind::Slack).await;
    for nth in 0..5 {
        platform.fixture.issue(&format!("Issue {nth}")).await;
    }
    let webhook = with_digest(&platform).await;
    platform.fixture.advance(SECOND);
    let range = ReplayRange { source: ReplaySource::Missed, since: DateTime::UNIX_EPOCH, until: None };
    let state = platform.fixture.state();
    state.start_range_replay(&platform.fixture.ada, webhook, range).await.unwrap();
    pass(&platform, "all are queued", async || rows(&platform, webhook).await.len() >= 5).await;
    let message = messages(&platform, 1).await.remove(0);
    assert!(message.contains("5 events"), "{message}");
    wait_for(&platform, webhook, StoredStatus::Delivered, 6).await;
}

#[tokio::test]
async fn what_a_pause_holds_is_sent_after_it() {
    let answer = |nth: usize| if nth == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let platform = Platform::answering(DestinationKind::Slack, answer).await;
    let webhook = with_digest(&platform).await;
    let policy = PolicyChange { retry_delays: Some(vec![600]), ..PolicyChange::default() };
    set_policy(&platform.fixture, webhook, policy).await;
    platform.fixture.issue("One").await;
    platform.fixture.issue("Two").await;
    platform.fixture.advance(5 * MINUTE);
    messages(&platform, 1).await;
    pass(&platform, "a recorded attempt", async || rows(&platform, webhook).await[0].attempts == 1).await;
    platform.fixture.issue("Three").await;

    let api = platform.fixture.server.api(&platform.fixture.server.user("Root", true).await).await;
    let set = async |paused: bool| {
        let reply = api.call(Method::PUT, "/webhook-pause", Some(&json!({"paused": paused}))).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    };
    set(true).await;
    platform.fixture.issue("Four").await;
    // The digest that is retried, and the two that were collected since. What the digest covers waits for it.
    let held = wait_for(&platform, webhook, StoredStatus::Held, 3).await;
    assert_eq!(count(&held, StoredStatus::Pending), 2);
    platform.fixture.advance(60 * MINUTE);
    platform.fixture.dispatch_idle().await;
    assert_eq!(platform.receiver.requests_so_far().len(), 1);
    set(false).await;
    let sent = messages(&platform, 3).await;
    assert_eq!(sent[0], sent[1]);
    assert!(sent[2].contains("2 events") && sent[2].contains("Three"), "{}", sent[2]);
    wait_for(&platform, webhook, StoredStatus::Delivered, 6).await;
}
