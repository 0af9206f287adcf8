//! A database for one test: a SQLite file, or a database on the PostgreSQL server of
//! `TESTBELL_TEST_DATABASE_URL`.

use std::path::PathBuf;

use migrations::Migrator;
use sea_orm::{ConnectOptions, Database as Connection, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::postgres::{self, Lease};

pub struct Database {
    pub url: String,
    _folder: Option<TempDir>,
    _lease: Option<Lease>,
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
            Template::Postgres(template) => {
                let admin_url = postgres_url().unwrap();
                let url = match postgres::take(&admin_url).await {
                    Some(url) => url,
                    None => postgres::create(&admin_url, template).await,
                };
                Self { _lease: Some(Lease::of(&url)), url, _folder: None }
            }
            Template::Sqlite { .. } => Self::unused().await,
        }
    }

    /// The same, and no other test has used it: without what the planner knows about earlier data.
    pub async fn unused() -> Self {
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
        Self { url, _folder: Some(folder), _lease: None }
    }

    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.map_sqlx_sqlite_opts(|options| options.create_if_missing(true));
        Connection::connect(options).await.unwrap()
    }

    /// The same database for another node; `None` for SQLite.
    pub fn shared(&self) -> Option<Self> {
        self.url.starts_with("postgres").then(|| Self { url: self.url.clone(), _folder: None, _lease: None })
    }

    /// The cluster is thrown away after the run, and its databases with it.
    async fn postgres(admin_url: &str, template: &str) -> Self {
        Self { url: postgres::create(admin_url, template).await, _folder: None, _lease: None }
    }
}

impl Template {
    async fn create() -> Self {
        let database = Database::empty().await;
        let connection = database.connect().await;
        Migrator::up(&connection, None).await.unwrap();
        if database._folder.is_none() {
            postgres::prepare(&connection).await;
        }
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
