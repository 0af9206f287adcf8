//! Health, metrics, headers and retention.

use std::time::Duration;

use app::model::catalog::EventType;
use app::model::delivery::DeliveryStatus;
use app::model::people::Role;
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use server::entity::{attempt, delivery, event, invite, receipt};

use crate::support::api::Reply;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn health_and_readiness_answer_without_signing_in() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(Reply::of(server.http.get(server.url(path))).await.status, 200, "{path}");
    }
    server.core.store.read().close_by_ref().await.unwrap();
    assert_eq!(Reply::of(server.http.get(server.url("/healthz"))).await.status, 200);
    let reply = Reply::of(server.http.get(server.url("/readyz"))).await;
    assert_eq!((reply.status, reply.json["status"].as_u64()), (503, Some(503)));
}

#[tokio::test]
async fn metrics_count_requests_by_the_routes_template_and_name_no_id() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    assert_eq!(api.get(&format!("/projects/{project}")).await.status, 200);
    let text = Reply::of(server.http.get(server.url("/metrics"))).await.text;
    let line = "testbell_http_requests_total{method=\"GET\",route=\"/api/v1/projects/{id}\",status=\"200\"}";
    assert!(text.contains(line), "{text}");
    for name in ["testbell_streams_open", "testbell_queue_depth", "testbell_http_request_seconds_bucket"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains(&project.to_string()), "{text}");
}

#[tokio::test]
async fn every_answer_carries_the_careful_headers_and_an_id() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/api/v1/me", "/api/docs/", "/nowhere"] {
        let reply = Reply::of(server.http.get(server.url(path))).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("x-request-id").len(), 16, "{path}");
    }
    let with_id = server.http.get(server.url("/healthz")).header("x-request-id", "proxy-7");
    assert_eq!(Reply::of(with_id).await.header("x-request-id"), "proxy-7");
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_is_removed_and_nothing_else() {
    let server = TestServer::start_with(&["--retention-days", "30"]).await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let new = CreateWebhook {
        name: "w".into(),
        // Nothing listens there.
        url: "http://127.0.0.1:9/".into(),
        events: vec![EventType::IssueCreated],
    };
    let webhook = server.core.create_webhook(&ada, project, new).await.unwrap().webhook;
    let api = server.api(&ada).await;
    let issue = async |title: &str| {
        assert_eq!(api.post(&format!("/projects/{project}/issues"), &json!({"title": title})).await.status, 201);
    };
    // More than a batch, and one that is still to be sent.
    for n in 0..3 {
        issue(&n.to_string()).await;
    }
    let now = server.core.clock.now();
    let core = server.core.clone();
    server
        .insert(move |db| {
            Box::pin(async move {
                let first = delivery::Entity::find().one(db).await?.unwrap();
                let done = delivery::ActiveModel {
                    status: Set(DeliveryStatus::Failed),
                    next_attempt_at: Set(None),
                    finished_at: Set(Some(now)),
                    ..Default::default()
                };
                let others = delivery::Entity::update_many().set(done).filter(delivery::Column::Id.ne(first.id));
                others.exec(db).await?;
                let rows = (0..1200).map(|_| delivery::ActiveModel {
                    id: Set(core.ids.next()),
                    status: Set(DeliveryStatus::Delivered),
                    event_id: Set(None),
                    next_attempt_at: Set(None),
                    ..delivery::ActiveModel::from(first.clone())
                });
                delivery::Entity::insert_many(rows).exec_without_returning(db).await?;
                let receipts = (0..1200_u32).map(|n| receipt::ActiveModel {
                    webhook_id: Set(webhook.id),
                    digest: Set(n.to_be_bytes().to_vec()),
                    received_at: Set(now),
                });
                receipt::Entity::insert_many(receipts).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
    let body = json!({"email": "bob@example.com", "role": Role::Member});
    assert_eq!(api.post(&format!("/projects/{project}/invites"), &body).await.status, 201);
    let counts = async || {
        let db = server.core.store.read();
        [
            delivery::Entity::find().filter(delivery::Column::CreatedAt.lte(now)).count(db).await.unwrap(),
            event::Entity::find().filter(event::Column::OccurredAt.lte(now)).count(db).await.unwrap(),
            receipt::Entity::find().count(db).await.unwrap(),
            invite::Entity::find().count(db).await.unwrap(),
        ]
    };
    assert_eq!(counts().await, [1203, 3, 1200, 1]);
    server.core.clock.advance(20 * DAY);
    issue("young").await;
    eventually("the invitation that has run out is removed", async || (counts().await[3] == 0).then_some(())).await;
    assert_eq!(counts().await[..3], [1203, 3, 1200]);
    server.core.clock.advance(11 * DAY);
    // Those that were under way have failed often enough by now to be held.
    let unsent = async || {
        let db = server.core.store.read();
        let old = delivery::Entity::find().filter(delivery::Column::CreatedAt.lte(now));
        let unsent = delivery::Column::Status.is_in([DeliveryStatus::Pending, DeliveryStatus::Held]);
        old.filter(unsent).count(db).await.unwrap()
    };
    eventually("what is old is removed", async || {
        let [deliveries, events, receipts, _] = counts().await;
        (deliveries == unsent().await && events == unsent().await && receipts == 0).then_some(())
    })
    .await;
    let db = server.core.store.read();
    let young = event::Entity::find().filter(event::Column::OccurredAt.gt(now)).count(db).await.unwrap();
    assert_eq!(young, 1);
    let orphans = attempt::Entity::find()
        .filter(attempt::Column::DeliveryId.not_in_subquery(
            sea_orm::sea_query::Query::select().column(delivery::Column::Id).from(delivery::Entity).to_owned(),
        ))
        .count(db)
        .await
        .unwrap();
    assert_eq!(orphans, 0);
}
