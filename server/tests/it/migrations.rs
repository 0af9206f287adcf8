//! What single migrations do to existing rows, and that no migration is edited.

use std::collections::BTreeMap;
use std::path::Path;

use app::model::id::{IssueId, ProjectId, UserId};
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use chrono::{DateTime, Utc};
use migrations::Migrator;
use sea_orm::ActiveValue::Set;
use sea_orm::{DatabaseConnection, EntityTrait};
use sea_orm_migration::MigratorTrait;
use server::entity::json::Strings;
use server::entity::search_text::SearchText;
use server::entity::{issue, project, user};
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
    let (owner, project) = (UserId(Uuid::from_u128(1)), ProjectId(Uuid::from_u128(2)));
    let user = user::ActiveModel {
        id: Set(owner),
        email: Set("ada@example.com".to_owned()),
        name: Set("Ada".to_owned()),
        password_hash: Set("!".to_owned()),
        system_admin: Set(false),
        created_at: Set(now),
        ..Default::default()
    };
    user::Entity::insert(user).exec_without_returning(&db).await.unwrap();
    let row = project::ActiveModel {
        id: Set(project),
        key: Set("WEB".to_owned()),
        name: Set("Web".to_owned()),
        owner_id: Set(owner),
        created_at: Set(now),
        ..Default::default()
    };
    project::Entity::insert(row).exec_without_returning(&db).await.unwrap();
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
