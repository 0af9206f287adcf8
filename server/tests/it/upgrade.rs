//! Upgrades a database of the previous release. Its dumps are not created by today's code, so they stay
//! what users have. CONTRIBUTING.md says how to replace them after a release.

use std::collections::{BTreeMap, BTreeSet};

use app::model::catalog::subscription::normalized;
use app::model::catalog::{EventType, Subject, Subscription};
use app::model::id::{DeliveryId, WebhookId};
use app::model::webhook_scope::ScopeKind;
use migrations::Migrator;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, Statement};
use sea_orm_migration::MigratorTrait;
use server::entity::json::WebhookPolicy;
use server::entity::{
    api_token, attempt, audit, delivery, event, integration, invite, issue, member, password_reset, project, receipt,
    refused_call, result, result_issue, sequence, session, user, webhook, webhook_project, webhook_route,
    webhook_secret, webhook_subscription,
};
use server::testware::case::table as test_case;
use server::testware::run::cases::table as run_case;
use server::testware::run::table as test_run;
use server::testware::session::table as test_session;
use uuid::Uuid;

use crate::support::database::Database;

const SQLITE_DUMP: &str = include_str!("../previous_release/sqlite.sql");
const POSTGRES_DUMP: &str = include_str!("../previous_release/postgres.sql");

// IDs in the dumps.
const PROJECT: u128 = 2;
const BY_EVENT: u128 = 10;
const BY_WILDCARD: u128 = 11;
const WITHOUT_EVENTS: u128 = 12;
const INBOUND: u128 = 13;
const DELETED: u128 = 14;
const SECRET: u128 = 20;
const DELIVERY: u128 = 30;

/// A database as the previous release left it.
async fn previous_release() -> (Database, DatabaseConnection) {
    let database = Database::empty().await;
    let db = database.connect().await;
    let dump = if db.get_database_backend() == DbBackend::Sqlite { SQLITE_DUMP } else { POSTGRES_DUMP };
    db.execute_unprepared(dump).await.unwrap();
    db.close().await.unwrap();
    let db = database.connect().await;
    (database, db)
}

async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// The number of rows in each table.
async fn row_counts(db: &DatabaseConnection) -> BTreeMap<String, i64> {
    let tables = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut counts = BTreeMap::new();
    for table in texts(db, tables).await.into_iter().filter(|table| table != "seaql_migrations") {
        let count = Statement::from_string(db.get_database_backend(), format!("SELECT COUNT(*) FROM {table}"));
        let row = db.query_one_raw(count).await.unwrap().unwrap();
        counts.insert(table, row.try_get_by_index(0).unwrap());
    }
    counts
}

/// The columns, indexes and constraints of all tables.
async fn schema(db: &DatabaseConnection) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name || ': ' || sql FROM sqlite_master WHERE sql IS NOT NULL",
        _ => {
            "SELECT concat_ws(' ', table_name, ordinal_position, column_name, data_type, is_nullable, column_default)
             FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        }
    };
    texts(db, sql).await.into_iter().collect()
}

/// Reads all rows of these tables as today's entities.
macro_rules! assert_readable {
    ($db:expr, $($entity:ident)*) => {
        $(assert!(!$entity::Entity::find().all($db).await.unwrap().is_empty(), stringify!($entity));)*
    };
}

async fn subscriptions(db: &DatabaseConnection, id: u128) -> Vec<Subscription> {
    let rows = webhook_subscription::Entity::find()
        .filter(webhook_subscription::Column::WebhookId.eq(WebhookId(Uuid::from_u128(id))))
        .all(db)
        .await
        .unwrap();
    normalized(rows.iter().map(|row| row.event_type.parse().unwrap()).collect())
}

#[tokio::test]
async fn a_database_of_the_previous_release_keeps_its_data() {
    let (_database, db) = previous_release().await;
    let before = row_counts(&db).await;
    Migrator::up(&db, None).await.unwrap();
    let mut after = row_counts(&db).await;
    after.retain(|table, _| before.contains_key(table));
    assert_eq!(after, before);
    assert_readable!(&db, api_token attempt audit delivery event integration invite issue member password_reset
        project receipt refused_call result result_issue run_case sequence session test_case test_run test_session
        user webhook webhook_secret);

    assert_eq!(
        subscriptions(&db, BY_EVENT).await,
        [Subscription::Event(EventType::CaseDeleted), Subscription::Event(EventType::IssueCreated)]
    );
    assert_eq!(subscriptions(&db, BY_WILDCARD).await, [Subscription::Subject(Subject::TestRun)]);
    assert!(subscriptions(&db, WITHOUT_EVENTS).await.is_empty());
    assert!(subscriptions(&db, INBOUND).await.is_empty());
    assert_eq!(subscriptions(&db, DELETED).await, [Subscription::All]);

    let webhooks = webhook::Entity::find().all(&db).await.unwrap();
    assert_eq!(webhooks.len(), 5);
    for row in webhooks {
        assert_eq!((row.scope, row.policy), (ScopeKind::Project, WebhookPolicy::default()), "{}", row.name);
        assert_eq!(row.deleted_at.is_some(), row.id.0 == Uuid::from_u128(DELETED));
    }
    let mut projects: Vec<_> = webhook_project::Entity::find().all(&db).await.unwrap();
    projects.sort_by_key(|row| row.webhook_id);
    let projects: Vec<_> = projects.iter().map(|row| (row.webhook_id.0, row.project_id.0)).collect();
    let outbound = [BY_EVENT, BY_WILDCARD, WITHOUT_EVENTS, DELETED];
    assert_eq!(projects, outbound.map(|id| (Uuid::from_u128(id), Uuid::from_u128(PROJECT))));

    let routes = webhook_route::Entity::find().all(&db).await.unwrap();
    let routes: BTreeSet<_> =
        routes.into_iter().map(|row| (row.webhook_id.0, row.project_id.0, row.event_type)).collect();
    let expected = [(BY_EVENT, "case.deleted"), (BY_EVENT, "issue.created"), (BY_WILDCARD, "test_run.*")];
    let route = |(id, event): (u128, &str)| (Uuid::from_u128(id), Uuid::from_u128(PROJECT), event.to_owned());
    assert_eq!(routes, expected.into_iter().map(route).collect(), "deleted webhooks have none");

    let secret = webhook_secret::Entity::find().one(&db).await.unwrap().unwrap();
    assert_eq!(secret.secret, Uuid::from_u128(SECRET).as_bytes());
    assert_eq!(project::Entity::find().one(&db).await.unwrap().unwrap().key, "WEB");
    assert_eq!(issue::Entity::find().one(&db).await.unwrap().unwrap().title, "Card payment fails");
    let delivery = delivery::Entity::find_by_id(DeliveryId(Uuid::from_u128(DELIVERY))).one(&db).await.unwrap().unwrap();
    assert_eq!(delivery.subject.as_deref(), Some("Card payment fails"));
    db.close().await.unwrap();
}

#[tokio::test]
async fn an_upgraded_database_has_the_schema_of_a_new_one() {
    let (_database, upgraded) = previous_release().await;
    Migrator::up(&upgraded, None).await.unwrap();
    let (upgraded, new) = (schema(&upgraded).await, schema(&Database::migrated().await.connect().await).await);
    let difference: Vec<_> = upgraded.symmetric_difference(&new).collect();
    assert!(
        difference.is_empty(),
        "A released migration has changed. Undo it. Add a new migration instead.\n{difference:#?}"
    );
}
