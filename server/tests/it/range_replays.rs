//! Replays by time range: what a webhook failed to deliver or missed.

mod cancelled;
mod conditions;

use std::time::Duration;

use app::model::audit::AuditAction;
use app::model::delivery::DeliveryStatus;
use app::model::id::{EventId, WebhookId};
use app::model::people::Role;
use app::model::webhook::{HeldDeliveriesAction, UpdateWebhook};
use app::model::webhook_activity::WhileInactive;
use app::service::{Issues, Webhooks};
use http::StatusCode;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use server::entity::event;

use crate::support::api::Api;
use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

const SECOND: Duration = Duration::from_secs(1);
/// Before everything that a test does.
const SINCE: &str = "2020-01-01T00:00:00Z";

fn all(source: &str) -> Value {
    json!({"source": source, "since": SINCE})
}

async fn count(api: &Api, webhook: WebhookId, source: &str) -> Value {
    let reply = api.get(&format!("/webhooks/{webhook}/replays/count?source={source}&since={SINCE}")).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json["count"].clone()
}

async fn start(api: &Api, webhook: WebhookId, source: &str) -> Value {
    let reply = api.post(&format!("/webhooks/{webhook}/replays"), &all(source)).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.header("location"), format!("/api/v1/replays/{}", reply.json["id"].as_str().unwrap()));
    reply.json
}

async fn progress(api: &Api, replay: &Value) -> Value {
    api.get(&format!("/replays/{}", replay["id"].as_str().unwrap())).await.json
}

/// Waits until a replay has a status, without advancing the clock.
async fn wait_for_status(api: &Api, replay: &Value, status: &str) -> Value {
    eventually(&format!("a {status} replay"), async || {
        Some(progress(api, replay).await).filter(|replay| replay["status"] == status)
    })
    .await
}

/// A replay of missed events to an endpoint that responds slowly.
struct SlowReplay {
    fixture: OutboundFixture,
    receiver: Receiver,
    webhook: WebhookId,
    api: Api,
    started: Value,
}

impl SlowReplay {
    async fn of(events: usize, delay: Duration) -> Self {
        let fixture = OutboundFixture::start().await;
        let receiver = Receiver::slow(fixture.state().clock.clone(), delay).await;
        for nth in 0..events {
            fixture.issue(&format!("Issue {nth}")).await;
        }
        let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
        fixture.advance(SECOND);
        let api = fixture.server.api(&fixture.ada).await;
        let started = start(&api, webhook, "missed").await;
        Self { fixture, receiver, webhook, api, started }
    }
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let sent = receiver.requests_so_far().into_iter().map(|request| request.json());
    sent.map(|body| body["data"]["title"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Exhausts the delivery of each event: the endpoint refuses everything at first.
async fn with_exhausted(titles: &[&str]) -> (OutboundFixture, Api, Receiver, WebhookId) {
    let count = titles.len();
    let answer = move |nth: usize| if nth < count { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let receiver = Receiver::answering(answer).await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    for title in titles {
        fixture.issue(title).await;
    }
    receiver.requests(count).await;
    fixture.dispatch_idle().await;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    (fixture, api, receiver, webhook)
}

#[tokio::test]
async fn a_new_webhook_gets_the_events_before_it_existed() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let one = fixture.issue("One").await;
    fixture.issue("Two").await;
    // The webhook doesn't subscribe to it.
    fixture.state().delete_issue(&fixture.ada, one.id).await.unwrap();
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(count(&api, webhook, "missed").await, 2);
    assert_eq!(count(&api, webhook, "failed").await, 0);

    let started = start(&api, webhook, "missed").await;
    assert_eq!((&started["total"], &started["requestedBy"]), (&json!(2), &json!("Ada")));
    receiver.requests(2).await;
    assert_eq!(titles(&receiver), ["One", "Two"]);
    fixture.dispatch_idle().await;
    let completed = wait_for_status(&api, &started, "completed").await;
    let counts = ["queued", "delivered", "skipped", "waiting"].map(|name| completed[name].clone());
    assert_eq!(counts, [2, 2, 0, 0].map(|count| json!(count)));
    let deliveries = fixture.deliveries(webhook).await;
    assert!(deliveries.iter().all(|detail| detail.delivery.is_replay() && detail.delivery.replay_of.is_none()));
    assert!(deliveries[0].delivery.subject.as_deref().unwrap().contains("Two"));
    assert_eq!(json!(deliveries[0].delivery.replay_id), started["id"]);
    assert_eq!(count(&api, webhook, "missed").await, 0, "nothing is missed any more");
    let listed = api.get(&format!("/webhooks/{webhook}/replays")).await.json;
    assert_eq!(listed["items"][0]["id"], started["id"]);

    let details = fixture.audit_details(AuditAction::ReplayStarted).await;
    assert!(details[0].starts_with("Missed events from 1 Jan 2020, 00:00:00 UTC to "), "{details:?}");
    assert_eq!(fixture.audit_details(AuditAction::ReplayCompleted).await, ["2 queued, 0 skipped."]);
}

#[tokio::test]
async fn events_dropped_while_inactive_are_replayed() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    let change = UpdateWebhook { while_inactive: Some(WhileInactive::Drop), ..UpdateWebhook::default() };
    fixture.state().update_webhook(&fixture.ada, webhook, change).await.unwrap();
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    fixture.issue("Dropped").await;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    let refused = api.post(&format!("/webhooks/{webhook}/replays"), &all("missed")).await;
    assert_eq!((refused.status, &refused.json["detail"]), (409, &json!("The webhook is inactive. Activate it first.")));
    fixture.state().activate_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    fixture.issue("Sent").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.advance(SECOND);

    assert_eq!(count(&api, webhook, "missed").await, 1);
    start(&api, webhook, "missed").await;
    receiver.requests(2).await;
    assert_eq!(titles(&receiver), ["Sent", "Dropped"]);
    let deliveries = fixture.deliveries(webhook).await;
    let dropped = deliveries.last().unwrap();
    assert_eq!(deliveries[0].delivery.replay_of, Some(dropped.delivery.id), "it is linked to the cancelled delivery");
    assert_eq!(dropped.chain.len(), 2);
}

#[tokio::test]
async fn failed_deliveries_are_sent_again_unless_delivered_since() {
    let (fixture, api, receiver, webhook) = with_exhausted(&["One", "Two", "Three"]).await;
    assert_eq!(count(&api, webhook, "failed").await, 3);
    assert_eq!(count(&api, webhook, "missed").await, 0, "they were attempted");
    let newest = fixture.deliveries(webhook).await.remove(0).delivery.id;
    assert_eq!(api.post(&format!("/deliveries/{newest}/replay"), &json!({})).await.status, 201);
    receiver.requests(4).await;
    fixture.dispatch_idle().await;
    assert_eq!(count(&api, webhook, "failed").await, 2);

    let started = start(&api, webhook, "failed").await;
    let requests = receiver.requests(6).await;
    assert_eq!(titles(&receiver)[3..], ["Three", "One", "Two"]);
    assert_eq!(requests[4].body, requests[0].body, "the same bytes");
    assert_eq!(requests[4].header("webhook-id"), requests[0].header("webhook-id"));
    fixture.dispatch_idle().await;
    let completed = wait_for_status(&api, &started, "completed").await;
    assert_eq!((&completed["queued"], &completed["delivered"]), (&json!(2), &json!(2)));
    let replay = fixture.deliveries(webhook).await.remove(0);
    assert!(replay.delivery.replay_of.is_some());
    assert_eq!(replay.chain.len(), 2);
    assert_eq!(count(&api, webhook, "failed").await, 0);
}

#[tokio::test]
async fn only_what_is_in_the_range_is_counted() {
    let (fixture, api, _receiver, webhook) = with_exhausted(&["One"]).await;
    let created = fixture.deliveries(webhook).await.remove(0).delivery.created_at;
    let count = async |since: i64, until: i64| {
        let time = |ms: i64| (created + chrono::TimeDelta::milliseconds(ms)).to_rfc3339().replace("+00:00", "Z");
        let path =
            format!("/webhooks/{webhook}/replays/count?source=failed&since={}&until={}", time(since), time(until));
        api.get(&path).await.json["count"].clone()
    };
    assert_eq!(count(0, 1).await, 1);
    assert_eq!(count(1, 2).await, 0);
    assert_eq!(count(-5, 0).await, 0);
}

#[tokio::test]
async fn an_event_that_waits_is_not_replayed_again() {
    let receiver = Receiver::answering(|nth| match nth {
        0 => StatusCode::BAD_REQUEST,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    })
    .await;
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("One").await;
    receiver.requests(1).await;
    fixture.dispatch_idle().await;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    let first = start(&api, webhook, "failed").await;
    receiver.requests(2).await;
    fixture.dispatch_idle().await;
    wait_for_status(&api, &first, "completed").await;
    assert_eq!(fixture.deliveries(webhook).await[0].delivery.status, DeliveryStatus::Failed, "it will be retried");
    assert_eq!(count(&api, webhook, "failed").await, 0);
    let second = start(&api, webhook, "failed").await;
    let second = wait_for_status(&api, &second, "completed").await;
    assert_eq!((&second["total"], &second["queued"]), (&json!(0), &json!(0)));
    assert_eq!(fixture.deliveries(webhook).await.len(), 2);
}

#[tokio::test]
async fn a_replay_is_bounded_and_stops() {
    let SlowReplay { fixture, receiver, webhook, api, started } = SlowReplay::of(250, 3 * SECOND).await;
    let running = eventually("a part is queued", async || {
        Some(progress(&api, &started).await).filter(|replay| replay["queued"] == 100)
    })
    .await;
    assert_eq!((&running["status"], &running["total"]), (&json!("running"), &json!(250)));
    let another = api.post(&format!("/webhooks/{webhook}/replays"), &all("missed")).await;
    assert_eq!(another.status, 409, "one at a time: {}", another.text);
    // The concurrency of a new endpoint.
    fixture.server.dispatch_idle(4).await;
    eventually("the next part is queued", async || {
        fixture.advance(SECOND);
        let queued = progress(&api, &started).await["queued"].as_u64().unwrap();
        (queued > 100 && queued < 250).then_some(())
    })
    .await;

    let mut stream = fixture.server.stream(&fixture.ada, fixture.project).await;
    let stopping = api.post(&format!("/replays/{}/stop", started["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(stopping.status, 200, "{}", stopping.text);
    let is_change = |message: &crate::support::live::Message| message.data["type"] == "webhook.changed";
    // A webhook's page is notified at most once per second.
    fixture.advance(SECOND);
    stream.until(is_change).await;
    // The concurrency of a slow endpoint.
    let stopped = eventually("only attempts in flight are left", async || {
        Some(progress(&api, &started).await).filter(|replay| replay["waiting"].as_u64().unwrap() <= 16)
    })
    .await;
    assert!(stopped["cancelled"].as_u64().unwrap() > 50, "{stopped}");
    eventually("the replay has stopped", async || {
        fixture.advance(SECOND);
        (progress(&api, &started).await["status"] == "stopped").then_some(())
    })
    .await;
    let sent = receiver.requests_so_far().len();
    assert!(sent < 50, "{sent}");
    let cancelled = fixture.deliveries(webhook).await.remove(0).delivery;
    assert_eq!(cancelled.error.as_deref(), Some("Ada stopped the replay."));
    let again = api.post(&format!("/replays/{}/stop", started["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(again.status, 409);
    assert_eq!(fixture.audit_details(AuditAction::ReplayStopped).await.len(), 1);
    assert_eq!(count(&api, webhook, "missed").await, 250 - sent, "what was cancelled is still missed");
}

#[tokio::test]
async fn a_replay_continues_after_a_restart() {
    let SlowReplay { fixture, receiver: _receiver, webhook, api, started } = SlowReplay::of(130, 3 * SECOND).await;
    eventually("a part is queued", async || (progress(&api, &started).await["queued"] == 100).then_some(())).await;
    fixture.server.dispatch_idle(4).await;
    let OutboundFixture { server, ada, project } = fixture;
    let clock = server.state.clock.clone();
    let advancing = tokio::spawn(async move {
        // The requests in flight end.
        loop {
            clock.advance(SECOND);
            tokio::task::yield_now().await;
        }
    });
    let server = server.restart(async |_| {}).await;
    advancing.abort();
    let fixture = OutboundFixture { server, ada, project };
    let api = fixture.server.api(&fixture.ada).await;
    eventually("everything is delivered", async || {
        fixture.advance(SECOND);
        (progress(&api, &started).await["delivered"] == 130).then_some(())
    })
    .await;
    assert_eq!(progress(&api, &started).await["status"], "completed");
    assert_eq!(count(&api, webhook, "missed").await, 0);
}

#[tokio::test]
async fn two_nodes_queue_nothing_twice() {
    let fixture = OutboundFixture::start().await;
    let Some(other) = fixture.server.second_node().await else { return };
    let receiver = Receiver::start().await;
    for nth in 0..130 {
        fixture.issue(&format!("Issue {nth}")).await;
    }
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    let started = start(&api, webhook, "missed").await;
    eventually("everything is delivered", async || {
        other.state.range_replays.notify_one();
        fixture.advance(SECOND);
        (progress(&api, &started).await["delivered"] == 130).then_some(())
    })
    .await;
    receiver.requests(130).await;
    assert_eq!(fixture.audit_details(AuditAction::ReplayCompleted).await.len(), 1);
    other.stop().await;
}

#[tokio::test]
async fn a_replay_waits_while_its_webhook_is_inactive() {
    let SlowReplay { fixture, receiver: _receiver, webhook, api, started } = SlowReplay::of(110, 2 * SECOND).await;
    fixture.server.dispatch_idle(4).await;
    fixture.state().deactivate_webhook(&fixture.ada, webhook).await.unwrap();
    let waiting = wait_for_status(&api, &started, "waiting").await;
    assert_eq!(waiting["finishedAt"], Value::Null);
    fixture.state().delete_webhook(&fixture.ada, webhook).await.unwrap();
    eventually("it ends with its webhook", async || {
        fixture.advance(SECOND);
        (progress(&api, &started).await["status"] == "stopped").then_some(())
    })
    .await;
    assert_eq!(progress(&api, &started).await["stoppedBy"], Value::Null);
}

#[tokio::test]
async fn a_webhook_does_not_miss_events_about_itself() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|_| StatusCode::GONE).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.disable(webhook).await;
    fixture.state().enable_webhook(&fixture.ada, webhook, HeldDeliveriesAction::Send).await.unwrap();
    let events = Some(vec!["webhook.*".parse().unwrap()]);
    fixture
        .state()
        .update_webhook(&fixture.ada, webhook, UpdateWebhook { events, ..UpdateWebhook::default() })
        .await
        .unwrap();
    let stored = event::Entity::find().count(fixture.state().store.read()).await.unwrap();
    assert!(stored >= 3, "an issue, disabled and enabled: {stored}");
    fixture.advance(SECOND);
    let api = fixture.server.api(&fixture.ada).await;
    assert_eq!(count(&api, webhook, "missed").await, 0);
}

#[tokio::test]
async fn a_replay_has_limits() {
    let fixture = OutboundFixture::start().await;
    let webhook = fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let api = fixture.server.api(&fixture.ada).await;
    let path = format!("/webhooks/{webhook}/replays");
    let (now, state) = (fixture.state().clock.now(), fixture.state());
    for _ in 0..21 {
        let rows = (0..500).map(|_| event::ActiveModel {
            id: Set(state.ids.next::<EventId>()),
            project_id: Set(fixture.project),
            event_type: Set("issue.created".to_owned()),
            body: Set("{}".to_owned()),
            occurred_at: Set(now),
            erased_at: Set(None),
            erased_by: Set(None),
        });
        event::Entity::insert_many(rows).exec_without_returning(state.store.read()).await.unwrap();
    }
    fixture.advance(Duration::from_secs(60));
    let counted = api.get(&format!("{path}/count?source=missed&since={SINCE}")).await.json;
    assert_eq!((&counted["count"], &counted["capped"]), (&json!(10_000), &json!(true)));
    let refused = api.post(&path, &all("missed")).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let future = api.post(&path, &json!({"source": "failed", "since": "2100-01-01T00:00:00Z"})).await;
    assert_eq!((future.status, future.json["errors"]["since"].is_null()), (422, false), "{}", future.text);
    let stranger = fixture.server.user("Eve", false).await;
    let api = fixture.server.api(&stranger).await;
    assert_eq!(api.get(&format!("{path}/count?source=missed&since={SINCE}")).await.status, 404);
    fixture.server.join(fixture.project, &stranger, Role::Member).await;
    assert_eq!(api.get(&format!("{path}/count?source=missed&since={SINCE}")).await.status, 403);
    assert_eq!(api.post(&path, &all("missed")).await.status, 403);
}
