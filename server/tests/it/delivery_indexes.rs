//! Each index of the largest table is used by a query that needs it, and by its statement as the server
//! sends it. Writing a delivery updates all of them.

use std::collections::BTreeSet;

use app::model::delivery::{DeliveryQuery, DeliveryStatus};
use app::model::id::{DeliveryId, EventId, ProjectId, RangeReplayId, WebhookId};
use app::model::webhook::Direction;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Statement, TransactionTrait,
};
use server::digests::queue::{select_collected, select_covered, select_marked, select_open};
use server::dispatch::delivery_queue::held::{Candidate, claim_oldest_statement, claim_tests_statement};
use server::dispatch::delivery_queue::{ClaimOrder, claim_statement, held};
use server::entity::delivery::StoredStatus;
use server::entity::delivery::{self, Column, Entity};
use server::operations::retention_scan::select_unneeded;
use server::range_replays::select_failed;
use server::range_replays::view::select_counts;
use server::service::deliveries::search::{select, select_chain, select_first_scanned};
use uuid::Uuid;

use crate::support::database::Database;
use crate::support::start_time;

const PROJECTS: u128 = 50;
const WEBHOOKS: u128 = 100;
const DELIVERIES_PER_WEBHOOK: u128 = 60;

fn project(number: u128) -> ProjectId {
    ProjectId(Uuid::from_u128(1000 + number))
}

fn webhook(number: u128) -> WebhookId {
    WebhookId(Uuid::from_u128(2000 + number))
}

/// An ID in the order of the time.
fn delivery_id(at: DateTime<Utc>, number: u128) -> DeliveryId {
    DeliveryId(Uuid::from_u128(u128::from(at.timestamp_millis().unsigned_abs()) << 80 | number))
}

/// The `nth` delivery of a webhook. Few are tests, held, replays, or about a case; a tenth failed.
fn row(hook: u128, nth: u128) -> delivery::ActiveModel {
    let number = nth * WEBHOOKS + hook;
    let created_at = start_time() + TimeDelta::seconds(i64::try_from(number).unwrap());
    let (status, is_due) = match nth % 10 {
        0 => (StoredStatus::Held, false),
        1..=3 => (StoredStatus::Pending, true),
        9 => (StoredStatus::Failed, false),
        _ => (StoredStatus::Delivered, false),
    };
    delivery::ActiveModel {
        id: Set(delivery_id(created_at, number)),
        project_id: Set(project(hook % PROJECTS)),
        webhook_id: Set(webhook(hook)),
        direction: Set(Direction::Outbound),
        event_type: Set(if nth % 20 == 5 { "case.created" } else { "issue.created" }.to_owned()),
        event_id: Set(Some(EventId(Uuid::from_u128(number)))),
        status: Set(status),
        attempts: Set(0),
        paused_attempts: Set(0),
        test: Set(nth % 40 == 1),
        replay_root: Set((nth % 30 == 7).then(|| delivery_id(created_at, number))),
        range_replay_id: Set((nth % 30 == 8).then(|| RangeReplayId(Uuid::from_u128(hook)))),
        ordering_key: Set(is_due.then(|| format!("run_{}", nth % 3))),
        created_at: Set(created_at),
        next_attempt_at: Set(is_due.then_some(created_at)),
        ..Default::default()
    }
}

/// A database with deliveries that nobody sends, and with the planner's statistics about them.
async fn filled() -> (Database, DatabaseConnection) {
    let database = Database::unused().await;
    let db = database.connect().await;
    let tx = db.begin().await.unwrap();
    for nth in 0..DELIVERIES_PER_WEBHOOK {
        let rows = (0..WEBHOOKS).map(|hook| row(hook, nth));
        Entity::insert_many(rows).exec_without_returning(&tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    db.execute_unprepared("ANALYZE deliveries").await.unwrap();
    (database, db)
}

/// The steps of a statement's plan.
async fn plan(db: &DatabaseConnection, mut statement: Statement) -> Vec<String> {
    let tx = db.begin().await.unwrap();
    let (explain, column) = match db.get_database_backend() {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        _ => {
            // Of an SSD. By default, the planner expects that a table as small as this one is read in order, or sorts
            // what it finds by several small indexes.
            for setting in ["random_page_cost = 1.1", "enable_bitmapscan = off"] {
                tx.execute_unprepared(&format!("SET LOCAL {setting}")).await.unwrap();
            }
            ("EXPLAIN", "QUERY PLAN")
        }
    };
    statement.sql = format!("{explain} {}", statement.sql);
    let rows = tx.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

async fn indexes(db: &DatabaseConnection) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'deliveries' AND sql IS NOT NULL"
        }
        _ => {
            "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'deliveries' AND indexname <> 'deliveries_pkey'"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

/// Statements, each with the index that serves it.
fn statements(engine: DbBackend) -> Vec<(&'static str, Statement)> {
    let (hook, project, now) = (webhook(7), project(7), start_time() + TimeDelta::days(1));
    let list = |query: DeliveryQuery| select(project, &query).unwrap().build(engine);
    let with_status = |status| list(DeliveryQuery { status: Some(status), ..Default::default() });
    let middle = delivery_id(start_time() + TimeDelta::seconds(3000), 0);
    let chain = || select_chain(delivery_id(start_time(), 7)).limit(50);
    vec![
        ("deliveries_list", list(DeliveryQuery::default())),
        ("deliveries_list", list(DeliveryQuery { since: Some(now - TimeDelta::hours(23)), ..Default::default() })),
        // Half of all deliveries have either direction.
        ("deliveries_list", list(DeliveryQuery { direction: Some(Direction::Outbound), ..Default::default() })),
        ("deliveries_by_status", with_status(DeliveryStatus::Exhausted)),
        ("deliveries_by_status", with_status(DeliveryStatus::Refused)),
        ("deliveries_by_status", with_status(DeliveryStatus::Cancelled)),
        ("deliveries_by_webhook", list(DeliveryQuery { webhook_id: Some(hook), ..Default::default() })),
        ("deliveries_by_event", list(DeliveryQuery { event: Some("case.created".into()), ..Default::default() })),
        ("deliveries_queue", claim_statement(engine, hook, ClaimOrder::Due, now, 4)),
        ("deliveries_order", claim_statement(engine, hook, ClaimOrder::BySubject, now, 4)),
        ("deliveries_queue", claim_oldest_statement(engine, hook, ClaimOrder::Due, Candidate::Due, now)),
        ("deliveries_order", claim_oldest_statement(engine, hook, ClaimOrder::BySubject, Candidate::Held, now)),
        ("deliveries_tests", claim_tests_statement(engine, hook, now, 4)),
        ("deliveries_held", claim_oldest_statement(engine, hook, ClaimOrder::Due, Candidate::Held, now)),
        ("deliveries_held", held::discard_statement(engine, hook, "", now)),
        ("deliveries_chain", chain().filter(Column::Id.lte(middle)).order_by_desc(Column::Id).build(engine)),
        ("deliveries_chain", chain().filter(Column::Id.gt(middle)).order_by_asc(Column::Id).build(engine)),
        ("deliveries_range_replay", select_counts(vec![RangeReplayId(Uuid::from_u128(7))]).build(engine)),
        ("deliveries_digest", select_covered(middle).build(engine)),
        ("deliveries_digest_queue", select_collected(hook).limit(2).build(engine)),
        ("deliveries_digest_open", select_open(hook, middle).build(engine)),
        ("deliveries_digest_marked", select_marked(hook, middle).build(engine)),
        ("deliveries_failed", select_failed(hook, project, now).limit(500).build(engine)),
        ("deliveries_event", select_unneeded(vec![EventId(Uuid::from_u128(7))]).build(engine)),
    ]
}

#[tokio::test]
async fn a_search_reads_no_other_project() {
    let (_database, db) = filled().await;
    let engine = db.get_database_backend();
    let id = delivery_id(start_time(), 7).to_string();
    let by_id = ["deliveries_list", "deliveries_pkey", "sqlite_autoindex_deliveries_1"];
    let by_project = ["deliveries_list", "deliveries_by_event", "deliveries_by_status", "deliveries_by_webhook"];
    for (query, wanted) in [
        // What these find is few, and may be sorted.
        (
            DeliveryQuery { search: Some(EventId(Uuid::from_u128(107)).to_string()), ..Default::default() },
            &["deliveries_event"][..],
        ),
        (DeliveryQuery { search: Some(id), ..Default::default() }, &by_id),
        (DeliveryQuery { digest: Some(delivery_id(start_time(), 7)), ..Default::default() }, &["deliveries_digest"]),
        (DeliveryQuery { search: Some("card 50%".into()), ..Default::default() }, &by_project),
        (DeliveryQuery { status_code: Some(503), ..Default::default() }, &by_project),
    ] {
        let steps = plan(&db, select(project(7), &query).unwrap().build(engine)).await;
        let is_wanted = |step: &String| wanted.iter().any(|name| step.split(' ').any(|word| word == *name));
        assert!(steps.iter().any(is_wanted), "{query:?}: {steps:#?}");
    }
    let first_scanned = select_first_scanned(project(7), &DeliveryQuery::default()).unwrap().build(engine);
    let steps = plan(&db, first_scanned).await;
    assert!(steps.iter().any(|step| by_project.iter().any(|name| step.contains(name))), "{steps:#?}");
    db.close().await.unwrap();
}

#[tokio::test]
async fn every_index_of_deliveries_is_needed() {
    let (_database, db) = filled().await;
    let engine = db.get_database_backend();
    let mut used = BTreeSet::new();
    for (index, statement) in statements(engine) {
        let sql = statement.sql.clone();
        let steps = plan(&db, statement).await;
        assert!(steps.iter().any(|step| step.split(' ').any(|word| word == index)), "{index}: {sql}\n{steps:#?}");
        let whole_table =
            |step: &&String| step.contains("Seq Scan on deliveries") || step.starts_with("SCAN deliveries");
        assert_eq!(steps.iter().find(whole_table), None, "{index}: {sql}\n{steps:#?}");
        let is_sorted = engine == DbBackend::Sqlite && steps.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!is_sorted, "{index}: {sql}\n{steps:#?}");
        used.insert(index.to_owned());
    }
    assert_eq!(indexes(&db).await, used, "drop an index that no query needs; add a statement for a new one");
    db.close().await.unwrap();
}
