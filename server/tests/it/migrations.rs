//! What single migrations do to existing rows.

use app::model::id::{IssueId, ProjectId, UserId};
use app::model::issue::StatusKind;
use app::model::provider::Provider;
use chrono::{DateTime, Utc};
use migrations::Migrator;
use sea_orm::ActiveValue::Set;
use sea_orm::{Database as Connection, DatabaseConnection, EntityTrait};
use sea_orm_migration::MigratorTrait;
use server::entity::json::Strings;
use server::entity::search_text::SearchText;
use server::entity::{issue, project, user};
use uuid::Uuid;

use crate::support::database::Database;

/// A database to which the migrations up to this one were applied.
pub async fn database_at(last: &str) -> (Database, DatabaseConnection) {
    let database = Database::empty().await;
    let url =
        if database.url.starts_with("sqlite") { format!("{}?mode=rwc", database.url) } else { database.url.clone() };
    let connection = Connection::connect(url).await.unwrap();
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
