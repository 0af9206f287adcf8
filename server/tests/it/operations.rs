//! Health, metrics, headers and retention.

use std::time::Duration;

use app::model::catalog::EventType;
use app::model::people::Role;
use app::model::webhook::CreateWebhook;
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::ExposeSecret;
use serde_json::json;
use server::entity::delivery::StoredStatus;
use server::entity::{attempt, delivery, event, invite, receipt};

use crate::support::api::Reply;
use crate::support::{TestServer, eventually};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn health_checks_need_no_sign_in() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(Reply::send(server.http.get(server.url(path))).await.status, 200, "{path}");
    }
    server.state.store.read().close_by_ref().await.unwrap();
    assert_eq!(Reply::send(server.http.get(server.url("/healthz"))).await.status, 200);
    let reply = Reply::send(server.http.get(server.url("/readyz"))).await;
    assert_eq!((reply.status, reply.json["status"].as_u64()), (503, Some(503)));
}

#[tokio::test]
async fn a_read_only_database_is_not_ready() {
    let server = TestServer::start().await;
    let url = server.state.config.database_url.as_ref().unwrap().expose_secret().to_owned();
    let Some((_, name)) = url.starts_with("postgres").then(|| url.rsplit_once('/').unwrap()) else {
        eprintln!("NOT RUN: this setting is PostgreSQL's; set TESTBELL_TEST_DATABASE_URL");
        return;
    };
    let mut admin = PgConnection::connect(&url).await.unwrap();
    let close_others = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    for (change, status) in [("SET default_transaction_read_only = on", 503), ("RESET ALL", 200)] {
        admin.execute(AssertSqlSafe(format!("ALTER DATABASE {name} {change}"))).await.unwrap();
        admin.execute(AssertSqlSafe(close_others.clone())).await.unwrap();
        eventually(change, async || {
            let reply = Reply::send(server.http.get(server.url("/readyz"))).await;
            // The server has to notice the closed connections first.
            let is_meant = status == 200 || reply.text.contains("read-only");
            (reply.status == status && is_meant).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn metrics_are_labeled_by_route_without_ids() {
    let server = TestServer::start().await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let api = server.api(&ada).await;
    assert_eq!(api.get(&format!("/projects/{project}")).await.status, 200);
    let text = Reply::send(server.http.get(server.url("/metrics"))).await.text;
    let line = "testbell_http_requests_total{method=\"GET\",route=\"/api/v1/projects/{id}\",status=\"200\"}";
    assert!(text.contains(line), "{text}");
    for name in ["testbell_streams_open", "testbell_queue_depth", "testbell_http_request_duration_seconds_bucket"] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains(&project.to_string()), "{text}");
}

#[tokio::test]
async fn metrics_need_their_token() {
    let server = TestServer::start_with(&["--metrics-token", "a token of the metrics"]).await;
    let url = server.url("/metrics");
    for request in [server.http.get(&url), server.http.get(&url).bearer_auth("another one")] {
        let refused = Reply::send(request).await;
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"));
        assert!(!refused.text.contains("testbell_"));
    }
    let good = Reply::send(server.http.get(&url).bearer_auth("a token of the metrics")).await;
    assert!(good.status == 200 && good.text.contains("testbell_streams_open"), "{}", good.text);
}

#[tokio::test]
async fn metrics_move_to_their_own_listener() {
    let server = TestServer::start_with(&["--metrics-listen", "127.0.0.1:0"]).await;
    assert!(!Reply::send(server.http.get(server.url("/metrics"))).await.text.contains("testbell_streams_open"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = tokio_util::sync::CancellationToken::new();
    let serving = tokio::spawn(server::serve_metrics(server.state.clone(), listener, shutdown.clone()));
    let metrics = Reply::send(server.http.get(format!("{base}/metrics"))).await;
    assert!(metrics.status == 200 && metrics.text.contains("testbell_streams_open"));
    assert_eq!(Reply::send(server.http.get(format!("{base}/api/v1/me"))).await.status, 404);
    shutdown.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn https_sets_strict_transport_security() {
    let server = TestServer::start_with(&["--public-url", "https://bell.example.com"]).await;
    for path in ["/healthz", "/sign-in", "/api/v1/me", "/nowhere"] {
        let reply = Reply::send(server.http.get(server.url(path))).await;
        assert_eq!(reply.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
    let plain = TestServer::start().await;
    assert_eq!(Reply::send(plain.http.get(plain.url("/healthz"))).await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn server_functions_are_not_cached() {
    let server = TestServer::start().await;
    for path in ["/ui/session/actor", "/ui/projects/list", "/ui/nowhere"] {
        assert_eq!(Reply::send(server.http.get(server.url(path))).await.header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn every_response_has_security_headers_and_an_id() {
    let server = TestServer::start().await;
    for path in ["/healthz", "/api/v1/me", "/api/docs/", "/nowhere"] {
        let reply = Reply::send(server.http.get(server.url(path))).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert!(reply.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(reply.header("x-request-id").len(), 16, "{path}");
    }
    let with_id = server.http.get(server.url("/healthz")).header("x-request-id", "proxy-7");
    assert_eq!(Reply::send(with_id).await.header("x-request-id"), "proxy-7");
}

#[tokio::test]
async fn only_expired_rows_are_deleted() {
    let server = TestServer::start_with(&["--retention-days", "30"]).await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let new = CreateWebhook {
        name: "w".into(),
        // Nothing listens there.
        url: "http://127.0.0.1:9/".into(),
        events: vec![EventType::IssueCreated.into()],
        ..CreateWebhook::default()
    };
    let webhook = server.state.create_webhook(&ada, project, new).await.unwrap().webhook;
    let api = server.api(&ada).await;
    let issue = async |title: &str| {
        assert_eq!(api.post(&format!("/projects/{project}/issues"), &json!({"title": title})).await.status, 201);
    };
    // More than a batch, and one that is still to be sent.
    for n in 0..3 {
        issue(&n.to_string()).await;
    }
    let now = server.state.clock.now();
    let state = server.state.clone();
    server
        .insert(move |db| {
            Box::pin(async move {
                let first = delivery::Entity::find().one(db).await?.unwrap();
                let done = delivery::ActiveModel {
                    status: Set(StoredStatus::Failed),
                    next_attempt_at: Set(None),
                    finished_at: Set(Some(now)),
                    ..Default::default()
                };
                let others = delivery::Entity::update_many().set(done).filter(delivery::Column::Id.ne(first.id));
                others.exec(db).await?;
                // In parts, because SQLite limits the values of a statement.
                for _ in 0..4 {
                    let rows = (0..300).map(|_| delivery::ActiveModel {
                        id: Set(state.ids.next()),
                        status: Set(StoredStatus::Delivered),
                        event_id: Set(None),
                        next_attempt_at: Set(None),
                        ..delivery::ActiveModel::from(first.clone())
                    });
                    delivery::Entity::insert_many(rows).exec_without_returning(db).await?;
                }
                let receipts = (0..1200_u32).map(|n| receipt::ActiveModel {
                    webhook_id: Set(webhook.id),
                    body_sha256: Set(n.to_be_bytes().to_vec()),
                    received_at: Set(now),
                });
                receipt::Entity::insert_many(receipts).exec_without_returning(db).await.map(drop)
            })
        })
        .await;
    let body = json!({"email": "bob@example.com", "role": Role::Member});
    assert_eq!(api.post(&format!("/projects/{project}/invites"), &body).await.status, 201);
    let counts = async || {
        let db = server.state.store.read();
        [
            delivery::Entity::find().filter(delivery::Column::CreatedAt.lte(now)).count(db).await.unwrap(),
            event::Entity::find().filter(event::Column::OccurredAt.lte(now)).count(db).await.unwrap(),
            receipt::Entity::find().count(db).await.unwrap(),
            invite::Entity::find().count(db).await.unwrap(),
        ]
    };
    assert_eq!(counts().await, [1203, 3, 1200, 1]);
    server.state.clock.advance(20 * DAY);
    issue("young").await;
    eventually("the invite that has run out is removed", async || (counts().await[3] == 0).then_some(())).await;
    assert_eq!(counts().await[..3], [1203, 3, 1200]);
    server.state.clock.advance(11 * DAY);
    // Those in flight have failed often enough by now to be held.
    let unsent = async || {
        let db = server.state.store.read();
        let old = delivery::Entity::find().filter(delivery::Column::CreatedAt.lte(now));
        let unsent = delivery::Column::Status.is_in([StoredStatus::Pending, StoredStatus::Held]);
        old.filter(unsent).count(db).await.unwrap()
    };
    eventually("what is old is removed", async || {
        let [deliveries, events, receipts, _] = counts().await;
        (deliveries == unsent().await && events == unsent().await && receipts == 0).then_some(())
    })
    .await;
    let db = server.state.store.read();
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
