//! The list of deliveries: its filters and its pages.

use std::time::Duration;

use app::error::Error;
use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::id::{DeliveryId, WebhookId};
use app::model::issue::UpdateIssue;
use app::model::page::PageQuery;
use app::model::people::{Actor, Role};
use app::model::webhook::{Direction, Held};
use app::service::{Deliveries, Issues, Webhooks};
use http::StatusCode;
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait};

use crate::support::eventually;
use crate::support::outbound::Sender;
use crate::support::receiver::Receiver;

/// A project with one endpoint that takes everything and one that takes nothing, and the events
/// of three issues, a minute apart, one of which was changed.
struct Stage {
    sender: Sender,
    takes: WebhookId,
    refuses: WebhookId,
    _receivers: [Receiver; 2],
}

impl Stage {
    async fn set() -> Self {
        let sender = Sender::start().await;
        let takes = Receiver::start().await;
        let refuses = Receiver::answering(|_| StatusCode::GONE).await;
        let stage = Self {
            takes: sender.webhook(&takes.url("/")).await.webhook.id,
            refuses: sender.webhook(&refuses.url("/")).await.webhook.id,
            sender,
            _receivers: [takes, refuses],
        };
        for n in 0..3 {
            let issue = stage.sender.issue(&format!("Issue {n}")).await;
            if n == 2 {
                let change = UpdateIssue { title: Some("Changed".into()), ..UpdateIssue::default() };
                stage.sender.core().update_issue(&stage.sender.ada, issue.id, change).await.unwrap();
            }
            stage.finished(if n == 2 { 8 } else { 2 * n + 2 }).await;
            stage.sender.advance(Duration::from_secs(60));
        }
        stage
    }

    async fn finished(&self, count: usize) {
        let Sender { server, ada, .. } = &self.sender;
        eventually("all deliveries to be finished", async || {
            // Each refusal disables; what is held meanwhile has its turn.
            let _ = server.core.enable_webhook(ada, self.refuses, Held::Send).await;
            // In one look: between two, what is held may become pending.
            let all = server.core.list_deliveries(ada, self.sender.project, DeliveryQuery::default()).await.unwrap();
            let waits = |status| matches!(status, DeliveryStatus::Pending | DeliveryStatus::Held);
            (all.items.len() == count && !all.items.iter().any(|delivery| waits(delivery.status))).then_some(())
        })
        .await;
    }

    async fn list(&self, query: DeliveryQuery) -> Vec<DeliveryId> {
        let Sender { server, ada, project } = &self.sender;
        let page = server.core.list_deliveries(ada, *project, query).await.unwrap();
        page.items.iter().map(|delivery| delivery.id).collect()
    }
}

#[tokio::test]
async fn each_filter_keeps_what_it_says() {
    let stage = Stage::set().await;
    let all = stage.list(DeliveryQuery::default()).await;
    assert_eq!(all.len(), 8);
    assert!(all.is_sorted_by(|a, b| a > b), "the newest first");

    let of = |webhook| DeliveryQuery { webhook_id: Some(webhook), ..DeliveryQuery::default() };
    let with = |status| DeliveryQuery { status: Some(status), ..DeliveryQuery::default() };
    let named = |event: &str| DeliveryQuery { event: Some(event.into()), ..DeliveryQuery::default() };
    let towards = |direction| DeliveryQuery { direction: Some(direction), ..DeliveryQuery::default() };
    assert_eq!(stage.list(of(stage.takes)).await.len(), 4);
    assert_eq!(stage.list(with(DeliveryStatus::Delivered)).await, stage.list(of(stage.takes)).await);
    assert_eq!(stage.list(with(DeliveryStatus::Failed)).await, stage.list(of(stage.refuses)).await);
    assert_eq!(stage.list(named("issue.created")).await.len(), 6);
    assert_eq!(stage.list(named("issue.updated")).await.len(), 2);
    assert_eq!(stage.list(named("issue.deleted")).await.len(), 0);
    assert_eq!(stage.list(towards(Direction::Outbound)).await, all);
    assert!(stage.list(towards(Direction::Inbound)).await.is_empty());
    let both = DeliveryQuery { event: Some("issue.updated".into()), ..of(stage.refuses) };
    assert_eq!(stage.list(both).await.len(), 1);
}

#[tokio::test]
async fn since_is_inclusive_and_until_is_not() {
    let stage = Stage::set().await;
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
    let stage = Stage::set().await;
    let Sender { server, ada, project } = &stage.sender;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let query = DeliveryQuery { limit: Some(3), cursor, ..DeliveryQuery::default() };
        let page = server.core.list_deliveries(ada, *project, query).await.unwrap();
        seen.push(page.items.len());
        // What is new meanwhile is before the first page, and moves nothing.
        stage.sender.issue("Another").await;
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [3, 3, 2]);
    for bad in ["nonsense", &project.to_string()] {
        let query = DeliveryQuery { cursor: Some(bad.to_owned()), ..DeliveryQuery::default() };
        let error = server.core.list_deliveries(ada, *project, query).await.unwrap_err();
        assert_eq!(error.status(), 422);
    }
}

#[tokio::test]
async fn members_read_deliveries_and_strangers_find_none() {
    let stage = Stage::set().await;
    let Sender { server, project, .. } = &stage.sender;
    let delivery = stage.list(DeliveryQuery::default()).await[0];
    let (bob, eve) = (server.user("Bob", false).await, server.user("Eve", false).await);
    server.join(*project, &bob, Role::Member).await;
    assert!(server.core.list_deliveries(&bob, *project, DeliveryQuery::default()).await.is_ok());
    assert!(server.core.delivery(&bob, delivery).await.is_ok());
    let refused = server.core.list_deliveries(&eve, *project, DeliveryQuery::default()).await.unwrap_err();
    assert_eq!(refused.status(), 404);
    assert_eq!(server.core.delivery(&eve, delivery).await.unwrap_err().status(), 404);
}

#[tokio::test]
async fn deleted_webhooks_are_listed_as_long_as_there_are_deliveries_of_them() {
    let stage = Stage::set().await;
    let Sender { server, ada, project } = &stage.sender;
    let (core, project) = (&server.core, *project);
    let unused = stage.sender.webhook("http://127.0.0.1:9/").await.webhook.id;
    let listed = async |actor: &Actor, limit, cursor| {
        let page = core.deleted_webhooks(actor, project, PageQuery { limit, cursor }).await?;
        Ok::<_, Error>((page.items.iter().map(|webhook| webhook.id).collect::<Vec<_>>(), page.next_cursor))
    };
    assert_eq!(listed(ada, None, None).await, Ok((vec![], None)));
    for webhook in [stage.takes, stage.refuses, unused] {
        core.delete_webhook(ada, webhook).await.unwrap();
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
async fn every_filter_is_served_by_an_index() {
    let stage = Stage::set().await;
    let Sender { server, project, .. } = &stage.sender;
    let db = server.core.store.read();
    if db.get_database_backend() != DbBackend::Sqlite {
        // PostgreSQL plans by the size of the tables, and these are small.
        return;
    }
    let project = *project;
    for query in [
        DeliveryQuery::default(),
        DeliveryQuery { status: Some(DeliveryStatus::Failed), ..Default::default() },
        DeliveryQuery { direction: Some(Direction::Inbound), ..Default::default() },
        DeliveryQuery { webhook_id: Some(stage.takes), ..Default::default() },
        DeliveryQuery { event: Some("issue.created".into()), ..Default::default() },
        DeliveryQuery { since: Some(crate::support::start_time()), ..Default::default() },
    ] {
        let select = server::service::delivery_search::select(project, &query).unwrap();
        let mut explain = select.build(DbBackend::Sqlite);
        explain.sql = format!("EXPLAIN QUERY PLAN {}", explain.sql);
        let rows = db.query_all_raw(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(plan.iter().all(|step| step.contains("USING INDEX deliveries_")), "{query:?}: {plan:?}");
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{query:?}: {plan:?}");
    }
}
