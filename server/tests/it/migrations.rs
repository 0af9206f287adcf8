//! What single migrations do to existing rows, and that no migration is edited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::model::destination::DestinationKind;
use app::model::id::{IssueId, ProjectId, UserId, WebhookId};
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use app::model::webhook::WebhookKind;
use app::model::webhook_scope::ScopeKind;
use chrono::{DateTime, Utc};
use migrations::Migrator;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel};
use sea_orm_migration::MigratorTrait;
use server::entity::json::Strings;
use server::entity::search_text::SearchText;
use server::entity::webhook_route::ALL_PROJECTS;
use server::entity::{issue, project, user, webhook, webhook_project, webhook_route, webhook_subscription};
use uuid::Uuid;

use crate::support::database::Database;

/// A database to which the migrations up to this one were applied.
async fn database_at(last: &str) -> (Database, DatabaseConnection) {
    let database = Database::empty().await;
    let connection = database.connect().await;
    let position = Migrator::migrations().iter().position(|migration| migration.name() == last).unwrap();
    Migrator::up(&connection, Some(u32::try_from(position + 1).unwrap())).await.unwrap();
    (database, connection)
}

#[tokio::test]
async fn stored_issues_get_their_origin_from_their_keys() {
    let (_database, db) = database_at("m0012_refused_calls").await;
    let now: DateTime<Utc> = "2026-01-05T10:00:00Z".parse().unwrap();
    let owner = UserId(Uuid::from_u128(1));
    let [project, _] = owner_and_projects(&db, now).await;
    let issues = [
        (Some(Provider::Github), "Acme/Shop#7", Some("acme/shop")),
        (Some(Provider::Jira), "WEB-7", Some("web")),
        (Some(Provider::Jira), "10040", None),
        (Some(Provider::AzureDevops), "#7", None),
        (None, "Acme/Shop#7", None),
    ];
    for (id, (provider, key, _)) in (10_u128..).zip(&issues) {
        let row = issue::ActiveModel {
            id: Set(IssueId(Uuid::from_u128(id))),
            project_id: Set(project),
            provider: Set(*provider),
            key: Set(Some((*key).to_owned())),
            title: Set("One".to_owned()),
            search: Set(SearchText::from_texts(&["One"])),
            description: Set(String::new()),
            status: Set("open".to_owned()),
            status_kind: Set(StatusKind::Open),
            labels: Set(Strings::default()),
            author_id: Set(owner),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        issue::Entity::insert(row).exec_without_returning(&db).await.unwrap();
    }
    Migrator::up(&db, None).await.unwrap();
    for (id, (provider, key, origin)) in (10_u128..).zip(issues) {
        let row = issue::Entity::find_by_id(IssueId(Uuid::from_u128(id))).one(&db).await.unwrap().unwrap();
        assert_eq!(row.origin.as_deref(), origin, "{provider:?} {key}");
    }
    db.close().await.unwrap();
}

/// A user and two projects.
async fn owner_and_projects(db: &DatabaseConnection, now: DateTime<Utc>) -> [ProjectId; 2] {
    let owner = UserId(Uuid::from_u128(1));
    let user = user::ActiveModel {
        id: Set(owner),
        email: Set("ada@example.com".to_owned()),
        name: Set("Ada".to_owned()),
        password_hash: Set("!".to_owned()),
        system_admin: Set(false),
        created_at: Set(now),
        ..Default::default()
    };
    user::Entity::insert(user).exec_without_returning(db).await.unwrap();
    let projects = [(2, "WEB"), (3, "APP")].map(|(id, key)| (ProjectId(Uuid::from_u128(id)), key));
    for (id, key) in projects {
        let row = project::ActiveModel {
            id: Set(id),
            key: Set(key.to_owned()),
            name: Set(key.to_owned()),
            owner_id: Set(owner),
            created_at: Set(now),
            ..Default::default()
        };
        project::Entity::insert(row).exec_without_returning(db).await.unwrap();
    }
    projects.map(|(id, _)| id)
}

#[tokio::test]
async fn stored_webhooks_get_the_routes_of_their_scope() {
    let (_database, db) = database_at("m0036_digests").await;
    let now: DateTime<Utc> = "2026-01-05T10:00:00Z".parse().unwrap();
    let [web, app] = owner_and_projects(&db, now).await;
    let webhooks = [
        (10, ScopeKind::Project, vec![web], None),
        (11, ScopeKind::Projects, vec![web, app], None),
        (12, ScopeKind::All, vec![], None),
        (13, ScopeKind::Project, vec![web], Some(now)),
        (14, ScopeKind::All, vec![], Some(now)),
    ];
    let events = ["issue.created", "test_run.*"];
    for (id, scope, projects, deleted_at) in webhooks {
        let id = WebhookId(Uuid::from_u128(id));
        let kind = WebhookKind::Destination(DestinationKind::Generic);
        let row = webhook::Model {
            scope,
            deleted_at,
            ..webhook::Model::new(id, projects.first().copied().unwrap_or(app), kind, "CI".to_owned(), now)
        };
        webhook::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(&db).await.unwrap();
        for project_id in projects {
            let row = webhook_project::ActiveModel { project_id: Set(project_id), webhook_id: Set(id) };
            webhook_project::Entity::insert(row).exec_without_returning(&db).await.unwrap();
        }
        for event in events {
            let row = webhook_subscription::ActiveModel { webhook_id: Set(id), event_type: Set(event.to_owned()) };
            webhook_subscription::Entity::insert(row).exec_without_returning(&db).await.unwrap();
        }
    }
    Migrator::up(&db, None).await.unwrap();
    let routes = webhook_route::Entity::find().all(&db).await.unwrap();
    let routes: BTreeSet<_> =
        routes.into_iter().map(|row| (row.webhook_id.0.as_u128(), row.project_id, row.event_type)).collect();
    let expected = [(10, web), (11, web), (11, app), (12, ALL_PROJECTS)];
    let expected =
        expected.iter().flat_map(|&(id, project)| events.map(|event| (id, project, event.to_owned()))).collect();
    assert_eq!(routes, expected);
    db.close().await.unwrap();
}

/// A checksum of a migration without comments and white space, which may change.
fn checksum(code: &str) -> String {
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code: String = code.flat_map(str::split_whitespace).collect();
    server::crypto::sha256(code.as_bytes())[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_migration_is_never_edited() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let checksums = std::fs::read_to_string(folder.join("checksums.txt")).unwrap();
    let mut known: BTreeMap<_, _> = checksums.lines().filter_map(|line| line.split_once(' ')).collect();
    for migration in Migrator::migrations() {
        let name = migration.name();
        let code = std::fs::read_to_string(folder.join(format!("src/{name}.rs"))).unwrap();
        let actual = checksum(&code);
        match known.remove(name) {
            None => panic!("Add this line to migrations/checksums.txt: {name} {actual}"),
            Some(expected) => assert_eq!(
                actual, expected,
                "{name} has changed, but databases exist to which it was applied. Undo the change, and add a new \
                 migration instead."
            ),
        }
    }
    assert!(known.is_empty(), "Databases exist to which these were applied. Restore them: {known:?}");
}
