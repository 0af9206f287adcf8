//! Replays: the same event once more, one or many, and the chain that they make.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{ChainLink, DeliveryQuery, DeliveryStatus};
use app::model::id::{DeliveryId, WebhookId};
use app::model::people::Role;
use app::model::webhook::Direction;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::{delivery, event};

use crate::support::inbound::event as github_event;
use crate::support::outbound::Sender;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A project with one endpoint, which has `count` deliveries, the oldest first.
async fn delivered(count: usize) -> (Sender, Receiver, WebhookId, Vec<DeliveryId>) {
    delivered_on(TestServer::start().await, count).await
}

async fn delivered_on(server: TestServer, count: usize) -> (Sender, Receiver, WebhookId, Vec<DeliveryId>) {
    let sender = Sender::on(server).await;
    let receiver = Receiver::start().await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    for n in 0..count {
        sender.issue(&format!("Issue {n}")).await;
    }
    receiver.requests(count).await;
    let ids = settled(&sender, count).await;
    (sender, receiver, webhook, ids)
}

/// The deliveries of the project once all are delivered, the oldest first.
async fn settled(sender: &Sender, count: usize) -> Vec<DeliveryId> {
    let query = DeliveryQuery { limit: Some(200), ..DeliveryQuery::default() };
    eventually("all are delivered", async || {
        let page = sender.core().list_deliveries(&sender.ada, sender.project, query.clone()).await.unwrap();
        let done = page.items.iter().filter(|delivery| delivery.status == DeliveryStatus::Delivered).count();
        (done == count).then(|| page.items.iter().rev().map(|delivery| delivery.id).collect())
    })
    .await
}

async fn rows(sender: &Sender) -> u64 {
    delivery::Entity::find().count(sender.core().store.read()).await.unwrap()
}

fn links(chain: &[ChainLink]) -> Vec<(DeliveryId, Option<DeliveryId>)> {
    chain.iter().map(|link| (link.id, link.replay_of)).collect()
}

#[tokio::test]
async fn a_replay_sends_the_same_bytes_with_the_same_id_as_a_new_delivery() {
    let (sender, receiver, _, ids) = delivered(1).await;
    sender.advance(DAY);
    let replay = sender.core().replay_delivery(&sender.ada, ids[0]).await.unwrap();
    assert_eq!((replay.replay_of, replay.status, replay.attempts), (Some(ids[0]), DeliveryStatus::Pending, 0));
    assert_eq!(replay.created_at, sender.core().clock.now());
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    assert_ne!(one.header("webhook-signature"), two.header("webhook-signature"));
    settled(&sender, 2).await;
    let parent = sender.core().delivery(&sender.ada, ids[0]).await.unwrap();
    assert_eq!((parent.delivery.attempts, parent.delivery.replay_of), (1, None), "the first row is as it was");
    let said = sender.audited(AuditAction::DeliveriesReplayed).await;
    assert_eq!(said, [format!("Sent again as {}.", replay.id)]);
}

#[tokio::test]
async fn a_chain_is_walked_both_ways_also_after_a_parent_was_removed() {
    let server = TestServer::start_with(&["--retention-days", "30"]).await;
    let (sender, _receiver, _, ids) = delivered_on(server, 2).await;
    let chain = async |id| links(&sender.core().delivery(&sender.ada, id).await.unwrap().chain);
    let replay = async |id| sender.core().replay_delivery(&sender.ada, id).await.unwrap().id;
    assert_eq!(chain(ids[0]).await, [], "no replay, no chain");

    sender.advance(20 * DAY);
    let child = replay(ids[0]).await;
    let grandchild = replay(child).await;
    let sibling = replay(ids[0]).await;
    let all = [(ids[0], None), (child, Some(ids[0])), (grandchild, Some(child)), (sibling, Some(ids[0]))];
    for id in [ids[0], child, grandchild, sibling] {
        assert_eq!(chain(id).await, all);
    }
    assert_eq!(chain(ids[1]).await, []);

    settled(&sender, 5).await;
    sender.advance(11 * DAY);
    eventually("the first is removed", async || sender.core().delivery(&sender.ada, ids[0]).await.err()).await;
    let youngest = replay(grandchild).await;
    let rest = [&all[1..], &[(youngest, Some(grandchild))]].concat();
    for id in [child, grandchild, sibling, youngest] {
        assert_eq!(chain(id).await, rest);
    }
}

#[tokio::test]
async fn a_long_chain_is_shown_around_the_delivery_that_is_looked_at() {
    let (sender, _receiver, _, ids) = delivered(1).await;
    let mut chain = vec![ids[0]];
    for _ in 0..119 {
        let last = *chain.last().unwrap();
        chain.push(sender.core().replay_delivery(&sender.ada, last).await.unwrap().id);
    }
    let shown = async |n: usize| {
        let detail = sender.core().delivery(&sender.ada, chain[n]).await.unwrap();
        detail.chain.into_iter().map(|link| link.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(0).await, chain[..51]);
    assert_eq!(shown(60).await, chain[11..111]);
    assert_eq!(shown(119).await, chain[70..]);
}

#[tokio::test]
async fn what_can_not_be_sent_again_says_why() {
    let (sender, _receiver, webhook, ids) = delivered(2).await;
    let core = sender.core();
    let lost = core.delivery(&sender.ada, ids[1]).await.unwrap().delivery.event_id.unwrap();
    sender
        .server
        .insert(move |db| Box::pin(async move { event::Entity::delete_by_id(lost).exec(db).await.map(drop) }))
        .await;
    let error = core.replay_delivery(&sender.ada, ids[1]).await.unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(error.to_string().contains("no longer stored"), "{error}");
    let both = core.replay_deliveries(&sender.ada, ids.clone()).await.unwrap_err();
    assert_eq!((both.status(), rows(&sender).await), (409, 2), "all or nothing");

    let listed = async || core.list_deliveries(&sender.ada, sender.project, DeliveryQuery::default()).await.unwrap();
    assert!(listed().await.items.iter().all(|row| !row.webhook_deleted));
    core.delete_webhook(&sender.ada, webhook).await.unwrap();
    assert!(listed().await.items.iter().all(|row| row.webhook_deleted), "so that no replay is offered");
    assert!(core.delivery(&sender.ada, ids[0]).await.unwrap().delivery.webhook_deleted);
    let error = core.replay_delivery(&sender.ada, ids[0]).await.unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(error.to_string().contains("webhook was deleted"), "{error}");

    let github = sender.server.github().await;
    sender.server.outcome(&github, "issues", github_event("opened", "It breaks", 1)).await;
    let inbound = sender.server.received(github.project).await.remove(0).id;
    let error = core.replay_delivery(&github.owner, inbound).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("digest"), "{error}");
}

#[tokio::test]
async fn a_replay_for_a_disabled_webhook_is_held() {
    let sender = Sender::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::OK } else { StatusCode::BAD_GATEWAY }).await;
    let webhook = sender.webhook(&receiver.url("/")).await.webhook.id;
    sender.issue("It breaks").await;
    let id = sender.attempted(webhook, 1).await.delivery.id;
    sender.disable(webhook).await;
    let replay = sender.core().replay_delivery(&sender.ada, id).await.unwrap();
    assert_eq!((replay.status, replay.next_attempt_at), (DeliveryStatus::Held, None));
    assert_eq!(sender.card(webhook).await.held, 1);
    sender.settle().await;
    receiver.requests(11).await;
}

#[tokio::test]
async fn a_selection_is_sent_again_in_the_order_it_happened_each_once() {
    let (sender, receiver, _, ids) = delivered(3).await;
    let api = sender.server.api(&sender.ada).await;
    let selected = [ids[2], ids[0], ids[1], ids[0]];
    let reply = api.post("/deliveries/replay", &json!({"ids": selected})).await;
    assert_eq!((reply.status, reply.json["leftOut"].as_u64()), (200, Some(0)), "{}", reply.text);
    let parents: Vec<_> = reply.json["enqueued"].as_array().unwrap().iter().map(|d| d["replayOf"].clone()).collect();
    assert_eq!(parents, ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
    receiver.requests(6).await;
    settled(&sender, 6).await;
    let said = sender.audited(AuditAction::DeliveriesReplayed).await;
    assert_eq!(said, ["3 sent again, 0 left out."]);
}

#[tokio::test]
async fn more_than_a_hundred_or_none_are_refused_as_a_whole() {
    let (sender, _receiver, _, ids) = delivered(101).await;
    let core = sender.core();
    let error = core.replay_deliveries(&sender.ada, ids.clone()).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("At most 100") && error.to_string().contains("101"), "{error}");
    let everything = DeliveryQuery { limit: Some(1), ..DeliveryQuery::default() };
    let error = core.replay_filtered(&sender.ada, sender.project, everything).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert_eq!(core.replay_deliveries(&sender.ada, Vec::new()).await.unwrap_err().status(), 422);
    assert_eq!(rows(&sender).await, 101);
    let replayed = core.replay_deliveries(&sender.ada, ids[1..].to_vec()).await.unwrap();
    assert_eq!(replayed.enqueued.len(), 100);
    assert_eq!(rows(&sender).await, 201);
}

#[tokio::test]
async fn all_that_a_filter_finds_is_sent_again_and_inbound_rows_are_left_out() {
    let sender = Sender::start().await;
    let github = sender.server.github().await;
    let receiver = Receiver::start().await;
    let sender = Sender { ada: github.owner.clone(), project: github.project, ..sender };
    sender.webhook(&receiver.url("/")).await;
    sender.server.outcome(&github, "issues", github_event("opened", "One", 1)).await;
    sender.server.outcome(&github, "issues", github_event("edited", "Two", 2)).await;
    receiver.requests(2).await;
    let ids = settled(&sender, 4).await;

    let core = sender.core();
    let page = DeliveryQuery { limit: Some(1), cursor: Some("of no meaning here".into()), ..DeliveryQuery::default() };
    let replayed = core.replay_filtered(&sender.ada, sender.project, page).await.unwrap();
    assert_eq!((replayed.enqueued.len(), replayed.left_out), (2, 2));
    assert!(replayed.enqueued[0].replay_of < replayed.enqueued[1].replay_of);
    receiver.requests(4).await;
    settled(&sender, 6).await;
    let selected = core.replay_deliveries(&sender.ada, ids).await.unwrap();
    assert_eq!((selected.enqueued.len(), selected.left_out), (2, 2));
    let named = DeliveryQuery { event: Some("issue.updated".into()), ..DeliveryQuery::default() };
    let replayed = core.replay_filtered(&sender.ada, sender.project, named).await.unwrap();
    assert_eq!((replayed.enqueued.len(), replayed.left_out), (3, 0));
    let inbound = DeliveryQuery { direction: Some(Direction::Inbound), ..DeliveryQuery::default() };
    let replayed = core.replay_filtered(&sender.ada, sender.project, inbound).await.unwrap();
    assert_eq!((replayed.enqueued.len(), replayed.left_out), (0, 2));
}

#[tokio::test]
async fn all_that_a_filter_finds_leaves_out_what_was_for_a_deleted_webhook() {
    let (sender, receiver, webhook, _) = delivered(2).await;
    let core = sender.core();
    core.delete_webhook(&sender.ada, webhook).await.unwrap();
    sender.webhook(&receiver.url("/other")).await;
    sender.issue("For the other one").await;
    settled(&sender, 3).await;
    let replayed = core.replay_filtered(&sender.ada, sender.project, DeliveryQuery::default()).await.unwrap();
    assert_eq!((replayed.enqueued.len(), replayed.left_out), (1, 2));
}

#[tokio::test]
async fn a_selection_with_what_the_caller_may_not_see_is_not_found_as_a_whole() {
    let (sender, _receiver, _, ids) = delivered(1).await;
    let core = sender.core();
    let (bob, eve) = (sender.server.user("Bob", false).await, sender.server.user("Eve", false).await);
    sender.server.join(sender.project, &bob, Role::Member).await;
    let theirs = sender.server.project(&eve, "EVE").await;
    let status = async |actor, ids| core.replay_deliveries(actor, ids).await.map(drop).map_err(|e| e.status());
    assert_eq!(status(&sender.ada, vec![ids[0], core.ids.next()]).await, Err(404));
    assert_eq!(status(&eve, ids.clone()).await, Err(404));
    assert_eq!(status(&bob, ids.clone()).await, Err(403));
    assert_eq!(core.replay_delivery(&bob, ids[0]).await.unwrap_err().status(), 403);
    assert_eq!(core.replay_delivery(&eve, ids[0]).await.unwrap_err().status(), 404);
    let everything = || DeliveryQuery::default();
    assert_eq!(core.replay_filtered(&bob, sender.project, everything()).await.unwrap_err().status(), 403);
    assert_eq!(core.replay_filtered(&eve, sender.project, everything()).await.unwrap_err().status(), 404);

    // Another project's: not found for who does not belong to it, refused for who does.
    let row = delivery::Entity::find_by_id(ids[0]).one(core.store.read()).await.unwrap().unwrap();
    let foreign: DeliveryId = core.ids.next();
    sender
        .server
        .insert(move |db| {
            Box::pin(async move {
                let row = delivery::Model { id: foreign, project_id: theirs, ..row };
                let row = sea_orm::ActiveModelTrait::reset_all(delivery::ActiveModel::from(row));
                delivery::Entity::insert(row).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
    assert_eq!(status(&sender.ada, vec![ids[0], foreign]).await, Err(404));
    sender.server.join(theirs, &sender.ada, Role::Admin).await;
    assert_eq!(status(&sender.ada, vec![ids[0], foreign]).await, Err(422));
    let replays = delivery::Entity::find().filter(delivery::Column::ReplayOf.is_not_null());
    assert_eq!(replays.count(core.store.read()).await.unwrap(), 0);
}
