//! Upgrades a database with data that the previous release created.

use app::model::catalog::subscription::normalized;
use app::model::catalog::{EventType, Subject, Subscription};
use app::model::id::{DeliveryId, WebhookId};
use migrations::Migrator;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter};
use sea_orm_migration::MigratorTrait;
use server::entity::json::WebhookPolicy;
use server::entity::{delivery, issue, project, webhook, webhook_project, webhook_secret, webhook_subscription};
use uuid::Uuid;

use crate::migrations::database_at;

/// The last migration of the previous release.
const RELEASED: &str = "m0019_delivery_subjects";

const USER: u128 = 1;
const PROJECT: u128 = 2;
const BY_EVENT: u128 = 10;
const BY_WILDCARD: u128 = 11;
const WITHOUT_EVENTS: u128 = 12;
const INBOUND: u128 = 13;
const DELETED: u128 = 14;
const SECRET: u128 = 20;
const ISSUE: u128 = 25;
const DELIVERY: u128 = 30;

/// Inserts rows as the previous release did. `{n}` in a statement is the ID `n`.
async fn insert_rows(db: &DatabaseConnection) {
    let webhook = |id: u128, direction: &str, kind: &str, events: &str, deleted: &str| {
        format!(
            "INSERT INTO webhooks (id, project_id, direction, kind, name, shown_url, events, health, created_at, deleted_at) \
             VALUES ({{{id}}}, {{{PROJECT}}}, '{direction}', '{kind}', 'Hook {id}', 'https://example.com', '{events}', \
             'healthy', '2026-01-05T10:00:00+00:00', {deleted})"
        )
    };
    let statements = [
        format!(
            "INSERT INTO users (id, email, name, password_hash, system_admin, created_at) \
             VALUES ({{{USER}}}, 'ada@example.com', 'Ada', '!', TRUE, '2026-01-05T10:00:00+00:00')"
        ),
        format!(
            "INSERT INTO projects (id, key, name, owner_id, created_at) \
             VALUES ({{{PROJECT}}}, 'WEB', 'Web', {{{USER}}}, '2026-01-05T10:00:00+00:00')"
        ),
        webhook(BY_EVENT, "outbound", "generic", r#"["issue.created","case.deleted"]"#, "NULL"),
        webhook(BY_WILDCARD, "outbound", "slack", r#"["test_run.*"]"#, "NULL"),
        webhook(WITHOUT_EVENTS, "outbound", "generic", "[]", "NULL"),
        webhook(INBOUND, "inbound", "github", "[]", "NULL"),
        webhook(DELETED, "outbound", "generic", r#"["*"]"#, "'2026-01-05T11:00:00+00:00'"),
        format!(
            "INSERT INTO webhook_secrets (id, webhook_id, secret, created_at) \
             SELECT {{{SECRET}}}, id, {{{SECRET}:bytes}}, created_at FROM webhooks WHERE id = {{{BY_EVENT}}}"
        ),
        format!(
            "INSERT INTO issues (id, project_id, title, search, description, status, status_kind, labels, author_id, \
             created_at, updated_at) VALUES ({{{ISSUE}}}, {{{PROJECT}}}, 'Card payment fails', 'card payment fails', '', \
             'open', 'open', '[]', {{{USER}}}, '2026-01-05T10:00:00+00:00', '2026-01-05T10:00:00+00:00')"
        ),
        format!(
            "INSERT INTO deliveries (id, project_id, webhook_id, direction, event_type, status, subject, created_at) \
             VALUES ({{{DELIVERY}}}, {{{PROJECT}}}, {{{BY_EVENT}}}, 'outbound', 'issue.created', 'delivered', \
             'Card payment fails', '2026-01-05T10:00:00+00:00')"
        ),
    ];
    let sqlite = db.get_database_backend() == DbBackend::Sqlite;
    for mut statement in statements {
        for id in [USER, PROJECT, BY_EVENT, BY_WILDCARD, WITHOUT_EVENTS, INBOUND, DELETED, SECRET, ISSUE, DELIVERY] {
            let hex = Uuid::from_u128(id).simple();
            let (uuid, bytes) = if sqlite {
                (format!("x'{hex}'"), format!("x'{hex}'"))
            } else {
                (format!("'{hex}'::uuid"), format!("'\\x{hex}'::bytea"))
            };
            statement = statement.replace(&format!("{{{id}}}"), &uuid).replace(&format!("{{{id}:bytes}}"), &bytes);
        }
        db.execute_unprepared(&statement).await.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
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
    let (_database, db) = database_at(RELEASED).await;
    insert_rows(&db).await;
    Migrator::up(&db, None).await.unwrap();

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
        assert_eq!((row.scope, row.policy), (webhook::Scope::Project, WebhookPolicy::default()), "{}", row.name);
        assert_eq!(row.deleted_at.is_some(), row.id.0 == Uuid::from_u128(DELETED));
    }
    let mut projects: Vec<_> = webhook_project::Entity::find().all(&db).await.unwrap();
    projects.sort_by_key(|row| row.webhook_id);
    let projects: Vec<_> = projects.iter().map(|row| (row.webhook_id.0, row.project_id.0)).collect();
    let outbound = [BY_EVENT, BY_WILDCARD, WITHOUT_EVENTS, DELETED];
    assert_eq!(projects, outbound.map(|id| (Uuid::from_u128(id), Uuid::from_u128(PROJECT))));

    let secret = webhook_secret::Entity::find().one(&db).await.unwrap().unwrap();
    assert_eq!(secret.secret, Uuid::from_u128(SECRET).as_bytes());
    assert_eq!(project::Entity::find().one(&db).await.unwrap().unwrap().key, "WEB");
    assert_eq!(issue::Entity::find().one(&db).await.unwrap().unwrap().title, "Card payment fails");
    let delivery = delivery::Entity::find_by_id(DeliveryId(Uuid::from_u128(DELIVERY))).one(&db).await.unwrap().unwrap();
    assert_eq!(delivery.subject.as_deref(), Some("Card payment fails"));
    db.close().await.unwrap();
}
