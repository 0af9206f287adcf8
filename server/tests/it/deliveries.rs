//! The list of deliveries: its filters and its pages.

use std::time::Duration;

use app::error::Error;
use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::id::{DeliveryId, WebhookId};
use app::model::issue::UpdateIssue;
use app::model::page::PageQuery;
use app::model::people::{Actor, Role};
use app::model::webhook::{Direction, HeldDeliveriesAction};
use app::service::{Deliveries, Issues, Webhooks};
use http::StatusCode;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use serde_json::json;
use server::entity::attempt;

use crate::support::eventually;
use crate::support::outbound::OutboundFixture;
use crate::support::receiver::Receiver;

/// A project with an endpoint that accepts everything, one that refuses everything, and the events
/// of three issues, a minute apart. One of the issues was changed.
struct DeliveriesFixture {
    fixture: OutboundFixture,
    takes: WebhookId,
    refuses: WebhookId,
    _receivers: [Receiver; 2],
}

impl DeliveriesFixture {
    async fn new() -> Self {
        let fixture = OutboundFixture::start().await;
        let takes = Receiver::start().await;
        let refuses = Receiver::answering(|_| StatusCode::GONE).await;
        let stage = Self {
            takes: fixture.webhook(&takes.url("/")).await.webhook.id,
            refuses: fixture.webhook(&refuses.url("/")).await.webhook.id,
            fixture,
            _receivers: [takes, refuses],
        };
        for n in 0..3 {
            let issue = stage.fixture.issue(&format!("Issue {n}")).await;
            if n == 2 {
                let change = UpdateIssue { title: Some("Changed".into()), ..UpdateIssue::default() };
                stage.fixture.state().update_issue(&stage.fixture.ada, issue.id, change).await.unwrap();
            }
            stage.finished(if n == 2 { 8 } else { 2 * n + 2 }).await;
            stage.fixture.advance(Duration::from_secs(60));
        }
        stage
    }

    async fn finished(&self, count: usize) {
        let OutboundFixture { server, ada, .. } = &self.fixture;
        eventually("all deliveries to be finished", async || {
            // Each refusal disables the webhook. Deliveries held meanwhile are sent in order.
            let _ = server.state.enable_webhook(ada, self.refuses, HeldDeliveriesAction::Send).await;
            // One read: between two reads, held deliveries may become pending.
            let all = server.state.list_deliveries(ada, self.fixture.project, DeliveryQuery::default()).await.unwrap();
            let waits =
                |status| matches!(status, DeliveryStatus::Pending | DeliveryStatus::Failed | DeliveryStatus::Held);
            (all.items.len() == count && !all.items.iter().any(|delivery| waits(delivery.status))).then_some(())
        })
        .await;
    }

    async fn list(&self, query: DeliveryQuery) -> Vec<DeliveryId> {
        let OutboundFixture { server, ada, project } = &self.fixture;
        let page = server.state.list_deliveries(ada, *project, query).await.unwrap();
        page.items.iter().map(|delivery| delivery.id).collect()
    }
}

#[tokio::test]
async fn each_filter_selects_its_deliveries() {
    let stage = DeliveriesFixture::new().await;
    let all = stage.list(DeliveryQuery::default()).await;
    assert_eq!(all.len(), 8);
    assert!(all.is_sorted_by(|a, b| a > b), "the newest first");

    let of = |webhook| DeliveryQuery { webhook_id: Some(webhook), ..DeliveryQuery::default() };
    let with = |status| DeliveryQuery { status: Some(status), ..DeliveryQuery::default() };
    let named = |event: &str| DeliveryQuery { event: Some(event.into()), ..DeliveryQuery::default() };
    let towards = |direction| DeliveryQuery { direction: Some(direction), ..DeliveryQuery::default() };
    assert_eq!(stage.list(of(stage.takes)).await.len(), 4);
    assert_eq!(stage.list(with(DeliveryStatus::Delivered)).await, stage.list(of(stage.takes)).await);
    assert_eq!(stage.list(with(DeliveryStatus::Exhausted)).await, stage.list(of(stage.refuses)).await);
    assert_eq!(stage.list(named("issue.created")).await.len(), 6);
    assert_eq!(stage.list(named("issue.updated")).await.len(), 2);
    assert_eq!(stage.list(named("issue.deleted")).await.len(), 0);
    assert_eq!(stage.list(towards(Direction::Outbound)).await, all);
    assert!(stage.list(towards(Direction::Inbound)).await.is_empty());
    for status in [DeliveryStatus::Pending, DeliveryStatus::Failed, DeliveryStatus::Refused] {
        assert!(stage.list(with(status)).await.is_empty(), "all are delivered or exhausted");
    }
    let both = DeliveryQuery { event: Some("issue.updated".into()), ..of(stage.refuses) };
    assert_eq!(stage.list(both).await.len(), 1);
}

#[tokio::test]
async fn since_is_inclusive_and_until_is_not() {
    let stage = DeliveriesFixture::new().await;
    let start = crate::support::start_time();
    let minute = |n: u64| Some(start + Duration::from_secs(60 * n));
    let between = |since, until| DeliveryQuery { since, until, ..DeliveryQuery::default() };
    assert_eq!(stage.list(between(minute(1), minute(2))).await.len(), 2);
    assert_eq!(stage.list(between(minute(2), None)).await.len(), 4);
    assert_eq!(stage.list(between(None, minute(1))).await.len(), 2);
    assert_eq!(stage.list(between(minute(3), None)).await.len(), 0);
    let just_after = minute(1).map(|time| time + Duration::from_millis(1));
    assert_eq!(stage.list(between(just_after, None)).await.len(), 4);
    assert_eq!(stage.list(between(None, just_after)).await.len(), 4);
    let extremes = between(Some(chrono::DateTime::UNIX_EPOCH), Some("9999-12-31T23:59:59Z".parse().unwrap()));
    assert_eq!(stage.list(extremes).await.len(), 8);
}

#[tokio::test]
async fn pages_follow_each_other_without_gaps_or_repeats() {
    let stage = DeliveriesFixture::new().await;
    let OutboundFixture { server, ada, project } = &stage.fixture;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let query = DeliveryQuery { limit: Some(3), cursor, ..DeliveryQuery::default() };
        let page = server.state.list_deliveries(ada, *project, query).await.unwrap();
        seen.push(page.items.len());
        // New deliveries are before the first page, and move nothing.
        stage.fixture.issue("Another").await;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [3, 3, 2]);
    for bad in ["nonsense", &project.to_string()] {
        let query = DeliveryQuery { cursor: Some(bad.to_owned()), ..DeliveryQuery::default() };
        let error = server.state.list_deliveries(ada, *project, query).await.unwrap_err();
        assert_eq!(error.status(), 422);
    }
}

#[tokio::test]
async fn each_row_names_its_subject_as_it_was_then() {
    let stage = DeliveriesFixture::new().await;
    let api = stage.fixture.server.api(&stage.fixture.ada).await;
    let page = api.get(&format!("/projects/{}/deliveries", stage.fixture.project)).await.json;
    let subjects: Vec<_> =
        page["items"].as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap()).collect();
    // The last issue was renamed after it was created.
    assert_eq!(subjects, ["Changed", "Changed", "Issue 2", "Issue 2", "Issue 1", "Issue 1", "Issue 0", "Issue 0"]);
    let replayed =
        api.post(&format!("/deliveries/{}/replay", page["items"][3]["id"].as_str().unwrap()), &json!({})).await;
    assert_eq!(replayed.json["subject"], "Issue 2", "{}", replayed.text);
    let test = api.post(&format!("/webhooks/{}/test", stage.takes), &json!({})).await;
    assert_eq!(test.json["subject"], "Test event", "{}", test.text);
}

#[tokio::test]
async fn a_page_links_back_to_the_previous_one() {
    let stage = DeliveriesFixture::new().await;
    let api = stage.fixture.server.api(&stage.fixture.ada).await;
    let page = async |cursor: &str| {
        let path = format!("/projects/{}/deliveries?limit=3{cursor}", stage.fixture.project);
        let page = api.get(&path).await.json;
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        let cursor = |name: &str| page[name].as_str().map(|cursor| format!("&cursor={cursor}"));
        (ids, cursor("previousCursor"), cursor("nextCursor"))
    };
    let (first, none, to_second) = page("").await;
    let (second, to_first, to_third) = page(&to_second.unwrap()).await;
    let (third, to_second, last) = page(&to_third.unwrap()).await;
    assert_eq!((first.len(), second.len(), third.len(), none, last), (3, 3, 2, None, None));
    let (back, to_first_again, to_third) = page(&to_second.unwrap()).await;
    assert_eq!((&back, to_first_again.is_some()), (&second, true));
    assert_eq!(page(&to_third.unwrap()).await.0, third);
    // New deliveries shift the first page; going back fills it.
    stage.fixture.issue("Another").await;
    let (newest, before, _) = page(&to_first.unwrap()).await;
    assert_eq!((newest.len(), &newest[2..], before.is_some()), (3, &first[2..], true));
    let (top, none, _) = page(&before.unwrap()).await;
    assert_eq!((top.len(), none), (3, None));
}

#[tokio::test]
async fn deliveries_are_counted_up_to_a_limit() {
    let stage = DeliveriesFixture::new().await;
    let api = stage.fixture.server.api(&stage.fixture.ada).await;
    let path = format!("/projects/{}/deliveries/count", stage.fixture.project);
    assert_eq!(api.get(&path).await.json, json!({"count": 8, "capped": false}));
    let created = api.get(&format!("{path}?event=issue.created&webhookId={}", stage.takes)).await;
    assert_eq!(created.json, json!({"count": 3, "capped": false}), "{}", created.text);
    let copy = "INSERT INTO deliveries (id, project_id, webhook_id, direction, event_type, status, attempts, test, created_at)
        SELECT $1, project_id, webhook_id, direction, event_type, 'delivered', 0, false, created_at FROM deliveries LIMIT 1";
    let state = stage.fixture.state();
    let ids: Vec<DeliveryId> = (0..10_000).map(|_| state.ids.next()).collect();
    let copied = state.store.write::<(), sea_orm::DbErr, _>(move |tx| {
        Box::pin(async move {
            for id in ids {
                let statement = Statement::from_sql_and_values(tx.db().get_database_backend(), copy, [id.into()]);
                tx.db().execute_raw(statement).await?;
            }
            Ok(())
        })
    });
    copied.await.unwrap();
    assert_eq!(api.get(&path).await.json, json!({"count": 10_000, "capped": true}));
}

#[tokio::test]
async fn members_read_deliveries_and_strangers_find_none() {
    let stage = DeliveriesFixture::new().await;
    let OutboundFixture { server, project, .. } = &stage.fixture;
    let delivery = stage.list(DeliveryQuery::default()).await[0];
    let (bob, eve) = (server.user("Bob", false).await, server.user("Eve", false).await);
    server.join(*project, &bob, Role::Member).await;
    assert!(server.state.list_deliveries(&bob, *project, DeliveryQuery::default()).await.is_ok());
    assert!(server.state.delivery(&bob, delivery).await.is_ok());
    let refused = server.state.list_deliveries(&eve, *project, DeliveryQuery::default()).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    assert_eq!(server.state.delivery(&eve, delivery).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn deleted_webhooks_with_deliveries_are_listed() {
    let stage = DeliveriesFixture::new().await;
    let OutboundFixture { server, ada, project } = &stage.fixture;
    let (state, project) = (&server.state, *project);
    let unused = stage.fixture.webhook("http://127.0.0.1:9/").await.webhook.id;
    let listed = async |actor: &Actor, limit, cursor| {
        let page = state.deleted_webhooks(actor, project, PageQuery { limit, cursor }).await?;
        Ok::<_, Error>((page.items.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), page.next_cursor))
    };
    assert_eq!(listed(ada, None, None).await, Ok((vec![], None)));
    for webhook in [stage.takes, stage.refuses, unused] {
        state.delete_webhook(ada, webhook).await.unwrap();
    }
    assert_eq!(listed(ada, None, None).await, Ok((vec![stage.refuses, stage.takes], None)), "what was used");
    let (first, next) = listed(ada, Some(1), None).await.unwrap();
    assert_eq!((first, listed(ada, Some(1), next).await), (vec![stage.refuses], Ok((vec![stage.takes], None))));
    let (bob, eve) = (server.user("Bob", false).await, server.user("Eve", false).await);
    server.join(project, &bob, Role::Member).await;
    assert!(listed(&bob, None, None).await.is_ok());
    assert_eq!(listed(&eve, None, None).await.map_err(|error| error.status()), Err(404));
}

#[tokio::test]
async fn the_latest_hundred_attempts_of_a_delivery_are_shown() {
    let fixture = OutboundFixture::start().await;
    let receiver = Receiver::answering(|n| if n == 0 { StatusCode::BAD_GATEWAY } else { StatusCode::OK }).await;
    let webhook = fixture.webhook(&receiver.url("/")).await.webhook.id;
    fixture.issue("It breaks").await;
    let delivery = fixture.wait_for_attempts(webhook, 1).await.delivery.id;
    let first = attempt::Entity::find().one(fixture.state().store.read()).await.unwrap().unwrap();
    let more: Vec<_> = (2..=120)
        .map(|number| {
            let id = fixture.state().ids.next();
            attempt::Model { id, number, destination: Some(format!("Attempt {number}")), ..first.clone() }
                .into_active_model()
        })
        .collect();
    fixture
        .server
        .insert(move |db| {
            Box::pin(async move { attempt::Entity::insert_many(more).exec_without_returning(db).await.map(drop) })
        })
        .await;
    let shown = fixture.state().delivery(&fixture.ada, delivery).await.unwrap();
    let numbers: Vec<_> = shown.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, (21..=120).collect::<Vec<_>>());
    assert_eq!(shown.destination, "Attempt 120");
}
