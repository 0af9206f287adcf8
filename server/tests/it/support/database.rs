//! A database for one test: a SQLite file, or a database on the PostgreSQL server of
//! `TESTBELL_TEST_DATABASE_URL`.

use std::path::PathBuf;

use migrations::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connection, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

pub struct Database {
    pub url: String,
    _folder: Option<TempDir>,
}

/// Copying a database that has its schema takes a fraction of the time of migrating an empty one.
static TEMPLATE: OnceCell<Template> = OnceCell::const_new();

enum Template {
    /// Its name on the server.
    Postgres(String),
    Sqlite {
        file: PathBuf,
        _folder: TempDir,
    },
}

impl Database {
    /// A database without tables.
    pub async fn empty() -> Self {
        match postgres_url() {
            Some(url) => Self::postgres(&url, "template1").await,
            None => Self::sqlite(),
        }
    }

    /// A database with the schema and no data.
    pub async fn migrated() -> Self {
        match TEMPLATE.get_or_init(Template::create).await {
            Template::Postgres(template) => Self::postgres(&postgres_url().unwrap(), template).await,
            Template::Sqlite { file, .. } => {
                let database = Self::sqlite();
                std::fs::copy(file, database.url.strip_prefix("sqlite:").unwrap()).unwrap();
                database
            }
        }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, _folder: Some(folder) }
    }

    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.map_sqlx_sqlite_opts(|options| options.create_if_missing(true));
        Connection::connect(options).await.unwrap()
    }

    /// The same database for another node; `None` for SQLite.
    pub fn shared(&self) -> Option<Self> {
        self.url.starts_with("postgres").then(|| Self { url: self.url.clone(), _folder: None })
    }

    /// The cluster is thrown away after the run, and its databases with it.
    async fn postgres(admin_url: &str, template: &str) -> Self {
        let name = format!("t{}", Uuid::from_bytes(server::crypto::random_bytes()).simple());
        let admin = Connection::connect(admin_url).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        admin.close().await.unwrap();
        let mut url: Url = admin_url.parse().unwrap();
        url.set_path(&name);
        Self { url: url.into(), _folder: None }
    }
}

impl Template {
    async fn create() -> Self {
        let database = Database::empty().await;
        let connection = database.connect().await;
        Migrator::up(&connection, None).await.unwrap();
        // PostgreSQL copies no database that somebody is connected to, and what SQLite has written is
        // in its file once the last connection is closed.
        connection.close().await.unwrap();
        match database._folder {
            Some(folder) => Self::Sqlite { file: folder.path().join("test.db"), _folder: folder },
            None => Self::Postgres(database.url.rsplit('/').next().unwrap().to_owned()),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the test runner sets the environment")]
fn postgres_url() -> Option<String> {
    std::env::var("TESTBELL_TEST_DATABASE_URL").ok()
}
