//! Retention with many held deliveries, which are never deleted, and the daily maintenance of
//! SQLite.

use app::model::catalog::EventType;
use app::model::webhook::{CreateWebhook, Health};
use app::service::Webhooks;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, Statement};
use serde_json::json;
use server::entity::delivery::StoredStatus;
use server::entity::{delivery, webhook};
use std::time::Duration;

use crate::support::{TestServer, eventually_within};

/// Held deliveries, older than those that are deleted.
const HELD: u64 = 10_000;
/// Several batches.
const ENDED: u64 = 1_500;
const CHUNK: u64 = 500;
const TEST_TIMEOUT: Duration = Duration::from_secs(120);

async fn count(server: &TestServer, status: StoredStatus) -> u64 {
    let rows = delivery::Entity::find().filter(delivery::Column::Status.eq(status));
    rows.count(server.state.store.read()).await.unwrap()
}

/// The number of delivery rows that PostgreSQL has visited, once it has counted all deleted ones.
async fn visited(server: &TestServer, deleted: u64) -> i64 {
    let sql = "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS visited, n_tup_del AS deleted \
               FROM pg_stat_user_tables WHERE relname = 'deliveries'";
    eventually_within(TEST_TIMEOUT, "the statistics", async || {
        let row = server.state.store.read().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        let row = row.unwrap().unwrap();
        let counted = row.try_get::<i64>("", "deleted").unwrap() >= i64::try_from(deleted).unwrap();
        counted.then(|| row.try_get::<i64>("", "visited").unwrap())
    })
    .await
}

#[tokio::test]
async fn held_deliveries_are_read_once_per_sweep() {
    let server = TestServer::start_with(&["--retention-days", "30"]).await;
    let ada = server.user("Ada", false).await;
    let project = server.project(&ada, "WEB").await;
    let new = CreateWebhook {
        name: "w".into(),
        url: "http://127.0.0.1:9/".into(),
        events: vec![EventType::IssueCreated.into()],
        ..CreateWebhook::default()
    };
    let webhook = server.state.create_webhook(&ada, project, new).await.unwrap().webhook.id;
    let disabled = webhook::ActiveModel { id: Set(webhook), health: Set(Health::Disabled), ..Default::default() };
    server.insert(move |db| Box::pin(async move { webhook::Entity::update(disabled).exec(db).await.map(drop) })).await;
    let api = server.api(&ada).await;
    assert_eq!(api.post(&format!("/projects/{project}/issues"), &json!({"title": "x"})).await.status, 201);
    let first = delivery::Entity::find().one(server.state.store.read()).await.unwrap().unwrap();
    assert_eq!(first.status, StoredStatus::Held);
    let fill = async |rows: u64, status: StoredStatus| {
        for _ in 0..rows / CHUNK {
            let rows: Vec<_> = (0..CHUNK)
                .map(|_| delivery::ActiveModel {
                    id: Set(server.state.ids.next()),
                    status: Set(status),
                    event_id: Set(None),
                    ..delivery::ActiveModel::from(first.clone())
                })
                .collect();
            server
                .insert(move |db| {
                    Box::pin(
                        async move { delivery::Entity::insert_many(rows).exec_without_returning(db).await.map(drop) },
                    )
                })
                .await;
        }
    };
    fill(HELD, StoredStatus::Held).await;
    fill(ENDED, StoredStatus::Failed).await;
    let postgres = server.state.store.read().get_database_backend() == DbBackend::Postgres;
    let before = if postgres {
        server.state.store.read().execute_unprepared("ANALYZE deliveries").await.unwrap();
        visited(&server, 0).await
    } else {
        eprintln!("only PostgreSQL counts the rows that are visited; set TESTBELL_TEST_DATABASE_URL");
        0
    };
    server.state.clock.advance(Duration::from_secs(31 * 24 * 60 * 60));
    eventually_within(TEST_TIMEOUT, "what ended is removed", async || (count_ended(&server).await == 0).then_some(()))
        .await;
    if postgres {
        let visits = visited(&server, ENDED).await - before;
        println!("{visits} rows visited, {HELD} held, {ENDED} removed");
        // Once to find them and once to delete them. A new search for each batch would visit four
        // times as many.
        assert!(visits < i64::try_from(2 * (HELD + ENDED)).unwrap(), "{visits} rows were visited");
    }
    // Counting visits rows too, so it comes after the statistics were read.
    assert_eq!(count(&server, StoredStatus::Held).await, HELD + 1);
}

/// With an index, so that waiting visits few rows.
async fn count_ended(server: &TestServer) -> u64 {
    let db = server.state.store.read();
    let newest =
        Statement::from_string(db.get_database_backend(), "SELECT status FROM deliveries ORDER BY id DESC LIMIT 1");
    let row = db.query_one_raw(newest).await.unwrap().unwrap();
    u64::from(row.try_get::<String>("", "status").unwrap() != "held")
}

#[tokio::test]
async fn the_statistics_are_refreshed_daily() {
    let server = TestServer::start().await;
    let db = server.state.store.read();
    if db.get_database_backend() != DbBackend::Sqlite {
        // PostgreSQL analyzes its tables by itself.
        return;
    }
    let ada = server.user("Ada", false).await;
    server.project(&ada, "WEB").await;
    // The table may not exist while nothing was analyzed.
    let analyzed = async || {
        let sql = "SELECT COUNT(*) AS found FROM sqlite_stat1 WHERE tbl = 'projects'";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
        row.ok().flatten().is_some_and(|row| row.try_get::<i64>("", "found").unwrap() > 0)
    };
    assert!(!analyzed().await, "the table was empty at the start");
    eventually_within(TEST_TIMEOUT, "statistics of the new rows", async || {
        server.state.clock.advance(Duration::from_secs(60 * 60));
        analyzed().await.then_some(())
    })
    .await;
}
