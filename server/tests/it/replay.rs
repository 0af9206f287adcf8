//! Replays: the same event again, for one or many deliveries, and their chains.

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::{ChainLink, DeliveryQuery, DeliveryStatus};
use app::model::id::{DeliveryId, WebhookId};
use app::model::people::Role;
use app::model::replay_filter::ReplayFilter;
use app::model::webhook::Direction;
use app::service::{Deliveries, Webhooks};
use http::StatusCode;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::{delivery, event};

use crate::support::inbound::event as github_event;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A project with one endpoint, which has `count` deliveries, oldest first.
async fn delivered(count: usize) -> (OutboundFixture, Receiver, WebhookId, Vec<DeliveryId>) {
    delivered_on(TestServer::start().await, count).await
}

async fn delivered_on(server: TestServer, count: usize) -> (OutboundFixture, Receiver, WebhookId, Vec<DeliveryId>) {
    let fixture = OutboundFixture::on(server).await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for n in 0..count {
        fixture.issue(&format!("Issue {n}")).await;
    }
    receiver.requests(count).await;
    let ids = settled(&fixture, count).await;
    (fixture, receiver, webhook, ids)
}

/// The deliveries of the project once all are delivered, oldest first.
async fn settled(fixture: &OutboundFixture, count: usize) -> Vec<DeliveryId> {
    let query = DeliveryQuery { limit: Some(200), ..DeliveryQuery::default() };
    eventually("all are delivered", async || {
        let page = fixture.state().list_deliveries(&fixture.ada, fixture.project, query.clone()).await.unwrap();
        let done = page.items.iter().filter(|delivery| delivery.status == DeliveryStatus::Delivered).count();
        (done == count).then(|| page.items.iter().rev().map(|delivery| delivery.id).collect())
    })
    .await
}

fn everything() -> ReplayFilter {
    ReplayFilter { all: true, ..ReplayFilter::default() }
}

async fn rows(fixture: &OutboundFixture) -> u64 {
    delivery::Entity::find().count(fixture.state().store.read()).await.unwrap()
}

fn links(chain: &[ChainLink]) -> Vec<(DeliveryId, Option<DeliveryId>)> {
    chain.iter().map(|link| (link.id, link.replay_of)).collect()
}

#[tokio::test]
async fn a_replay_sends_the_same_bytes_with_the_same_id() {
    let (fixture, receiver, _, ids) = delivered(1).await;
    fixture.advance(DAY);
    let replay = fixture.state().replay_delivery(&fixture.ada, ids[0]).await.unwrap();
    assert_eq!((replay.replay_of, replay.status, replay.attempt_count), (Some(ids[0]), DeliveryStatus::Pending, 0));
    assert_eq!(replay.created_at, fixture.state().clock.now());
    let [one, two] = <[_; 2]>::try_from(receiver.requests(2).await).unwrap();
    assert_eq!(one.body, two.body);
    assert_eq!(one.header("webhook-id"), two.header("webhook-id"));
    assert_ne!(one.header("webhook-signature"), two.header("webhook-signature"));
    settled(&fixture, 2).await;
    let parent = fixture.state().delivery(&fixture.ada, ids[0]).await.unwrap();
    assert_eq!((parent.delivery.attempt_count, parent.delivery.replay_of), (1, None), "the first row is as it was");
    let details = fixture.audit_details(AuditAction::DeliveriesReplayed).await;
    assert_eq!(details, [format!("Replayed as {}.", replay.id)]);
}

#[tokio::test]
async fn a_replay_chain_survives_a_removed_delivery() {
    let server = TestServer::start_with(&["--retention-days", "30"]).await;
    let (fixture, _receiver, _, ids) = delivered_on(server, 2).await;
    let chain = async |id| links(&fixture.state().delivery(&fixture.ada, id).await.unwrap().chain);
    let replay = async |id| fixture.state().replay_delivery(&fixture.ada, id).await.unwrap().id;
    assert_eq!(chain(ids[0]).await, [], "no replay, no chain");

    fixture.advance(20 * DAY);
    let child = replay(ids[0]).await;
    let grandchild = replay(child).await;
    let sibling = replay(ids[0]).await;
    let all = [(ids[0], None), (child, Some(ids[0])), (grandchild, Some(child)), (sibling, Some(ids[0]))];
    for id in [ids[0], child, grandchild, sibling] {
        assert_eq!(chain(id).await, all);
    }
    assert_eq!(chain(ids[1]).await, []);

    settled(&fixture, 5).await;
    fixture.advance(11 * DAY);
    eventually("the first is removed", async || fixture.state().delivery(&fixture.ada, ids[0]).await.err()).await;
    let youngest = replay(grandchild).await;
    let rest = [&all[1..], &[(youngest, Some(grandchild))]].concat();
    for id in [child, grandchild, sibling, youngest] {
        assert_eq!(chain(id).await, rest);
    }
}

#[tokio::test]
async fn a_long_replay_chain_is_shown_around_its_delivery() {
    let (fixture, _receiver, _, ids) = delivered(1).await;
    let mut chain = vec![ids[0]];
    for _ in 0..119 {
        let last = *chain.last().unwrap();
        chain.push(fixture.state().replay_delivery(&fixture.ada, last).await.unwrap().id);
    }
    let shown = async |n: usize| {
        let detail = fixture.state().delivery(&fixture.ada, chain[n]).await.unwrap();
        detail.chain.into_iter().map(|link| link.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(0).await, chain[..51]);
    assert_eq!(shown(60).await, chain[11..111]);
    assert_eq!(shown(119).await, chain[70..]);
}

#[tokio::test]
async fn a_refused_replay_says_why() {
    let (fixture, _receiver, webhook, ids) = delivered(2).await;
    let state = fixture.state();
    let lost = state.delivery(&fixture.ada, ids[1]).await.unwrap().delivery.event_id.unwrap();
    fixture
        .server
        .insert(move |db| Box::pin(async move { event::Entity::delete_by_id(lost).exec(db).await.map(drop) }))
        .await;
    let error = state.replay_delivery(&fixture.ada, ids[1]).await.unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(error.to_string().contains("no longer stored"), "{error}");
    let both = state.replay_deliveries(&fixture.ada, ids.clone()).await.unwrap_err();
    assert_eq!((both.status(), rows(&fixture).await), (409, 2), "all or nothing");

    let listed = async || state.list_deliveries(&fixture.ada, fixture.project, DeliveryQuery::default()).await.unwrap();
    assert!(listed().await.items.iter().all(|row| !row.webhook_deleted));
    state.delete_webhook(&fixture.ada, webhook).await.unwrap();
    assert!(listed().await.items.iter().all(|row| row.webhook_deleted), "so that no replay is offered");
    assert!(state.delivery(&fixture.ada, ids[0]).await.unwrap().delivery.webhook_deleted);
    let error = state.replay_delivery(&fixture.ada, ids[0]).await.unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(error.to_string().contains("webhook was deleted"), "{error}");

    let github = fixture.server.github().await;
    fixture.server.outcome(&github, "issues", github_event("opened", "It breaks", 1)).await;
    let inbound = fixture.server.received(github.project).await.remove(0).id;
    let error = state.replay_delivery(&github.owner, inbound).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("body"), "{error}");
}

#[tokio::test]
async fn a_replay_for_a_disabled_webhook_is_held() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::OK } else { StatusCode::GONE }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let id = fixture.wait_for_attempts(webhook, 1).await.delivery.id;
    fixture.disable(webhook).await;
    let replay = fixture.state().replay_delivery(&fixture.ada, id).await.unwrap();
    assert_eq!((replay.status, replay.next_attempt_at), (DeliveryStatus::Held, None));
    assert_eq!(fixture.card(webhook).await.held_count, 1);
    fixture.dispatch_idle().await;
    receiver.requests(2).await;
}

#[tokio::test]
async fn a_selection_is_replayed_in_order() {
    let (fixture, receiver, _, ids) = delivered(3).await;
    let api = fixture.server.api(&fixture.ada).await;
    let selected = [ids[2], ids[0], ids[1], ids[0]];
    let reply = api.post("/deliveries/replay", &json!({"ids": selected})).await;
    assert_eq!((reply.status, reply.json["skipped"].as_u64()), (200, Some(0)), "{}", reply.text);
    let parents: Vec<_> = reply.json["queued"].as_array().unwrap().iter().map(|d| d["replayOf"].clone()).collect();
    assert_eq!(parents, ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
    receiver.requests(6).await;
    settled(&fixture, 6).await;
    let details = fixture.audit_details(AuditAction::DeliveriesReplayed).await;
    assert_eq!(details, ["3 queued, 0 skipped."]);
}

#[tokio::test]
async fn more_than_a_hundred_or_none_are_refused_as_a_whole() {
    let (fixture, _receiver, _, ids) = delivered(101).await;
    let state = fixture.state();
    let error = state.replay_deliveries(&fixture.ada, ids.clone()).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert!(error.to_string().contains("At most 100") && error.to_string().contains("101"), "{error}");
    let error = state.replay_filtered(&fixture.ada, fixture.project, everything()).await.unwrap_err();
    assert_eq!(error.status(), 422);
    assert_eq!(state.replay_deliveries(&fixture.ada, Vec::new()).await.unwrap_err().status(), 422);
    assert_eq!(rows(&fixture).await, 101);
    let replayed = state.replay_deliveries(&fixture.ada, ids[1..].to_vec()).await.unwrap();
    assert_eq!(replayed.queued.len(), 100);
    assert_eq!(rows(&fixture).await, 201);
}

#[tokio::test]
async fn replay_by_filter_skips_inbound_deliveries() {
    let fixture = OutboundFixture::start().await;
    let github = fixture.server.github().await;
    let receiver = Receiver::start().await;
    let fixture = OutboundFixture { ada: github.owner.clone(), project: github.project, ..fixture };
    fixture.webhook(&receiver.url("/")).await;
    fixture.server.outcome(&github, "issues", github_event("opened", "One", 1)).await;
    fixture.server.outcome(&github, "issues", github_event("edited", "Two", 2)).await;
    receiver.requests(2).await;
    let ids = settled(&fixture, 4).await;

    let state = fixture.state();
    let replayed = state.replay_filtered(&fixture.ada, fixture.project, everything()).await.unwrap();
    assert_eq!((replayed.queued.len(), replayed.skipped), (2, 2));
    assert!(replayed.queued[0].replay_of < replayed.queued[1].replay_of);
    receiver.requests(4).await;
    settled(&fixture, 6).await;
    let selected = state.replay_deliveries(&fixture.ada, ids).await.unwrap();
    assert_eq!((selected.queued.len(), selected.skipped), (2, 2));
    let named = ReplayFilter { event: Some("issue.updated".into()), ..ReplayFilter::default() };
    let replayed = state.replay_filtered(&fixture.ada, fixture.project, named).await.unwrap();
    assert_eq!((replayed.queued.len(), replayed.skipped), (3, 0));
    let inbound = ReplayFilter { direction: Some(Direction::Inbound), ..ReplayFilter::default() };
    let replayed = state.replay_filtered(&fixture.ada, fixture.project, inbound).await.unwrap();
    assert_eq!((replayed.queued.len(), replayed.skipped), (0, 2));
}

#[tokio::test]
async fn replay_by_filter_skips_deleted_webhooks() {
    let (fixture, receiver, webhook, _) = delivered(2).await;
    let state = fixture.state();
    state.delete_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.webhook(&receiver.url("/other")).await;
    fixture.issue("For the other one").await;
    settled(&fixture, 3).await;
    let replayed = state.replay_filtered(&fixture.ada, fixture.project, everything()).await.unwrap();
    assert_eq!((replayed.queued.len(), replayed.skipped), (1, 2));
}

#[tokio::test]
async fn a_selection_with_a_hidden_delivery_is_not_found() {
    let (fixture, _receiver, _, ids) = delivered(1).await;
    let state = fixture.state();
    let (bob, eve) = (fixture.server.user("Bob", false).await, fixture.server.user("Eve", false).await);
    fixture.server.join(fixture.project, &bob, Role::Member).await;
    let theirs = fixture.server.project(&eve, "EVE").await;
    let status = async |actor, ids| state.replay_deliveries(actor, ids).await.map(drop).map_err(|e| e.status());
    assert_eq!(status(&fixture.ada, vec![ids[0], state.ids.next()]).await, Err(404));
    assert_eq!(status(&eve, ids.clone()).await, Err(404));
    assert_eq!(status(&bob, ids.clone()).await, Err(403));
    assert_eq!(state.replay_delivery(&bob, ids[0]).await.unwrap_err().status(), 403);
    assert_eq!(state.replay_delivery(&eve, ids[0]).await.unwrap_err().status(), 404);
    assert_eq!(state.replay_filtered(&bob, fixture.project, everything()).await.unwrap_err().status(), 403);
    assert_eq!(state.replay_filtered(&eve, fixture.project, everything()).await.unwrap_err().status(), 404);

    // Another project's delivery: not found for a non-member, refused for a member.
    let row = delivery::Entity::find_by_id(ids[0]).one(state.store.read()).await.unwrap().unwrap();
    let foreign: DeliveryId = state.ids.next();
    fixture
        .server
        .insert(move |db| {
            Box::pin(async move {
                let row = delivery::Model { id: foreign, project_id: theirs, ..row };
                let row = sea_orm::ActiveModelTrait::reset_all(delivery::ActiveModel::from(row));
                delivery::Entity::insert(row).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
    assert_eq!(status(&fixture.ada, vec![ids[0], foreign]).await, Err(404));
    fixture.server.join(theirs, &fixture.ada, Role::Admin).await;
    assert_eq!(status(&fixture.ada, vec![ids[0], foreign]).await, Err(422));
    let replays = delivery::Entity::find().filter(delivery::Column::ReplayOf.is_not_null());
    assert_eq!(replays.count(state.store.read()).await.unwrap(), 0);
}
