//! A database that only one test has: a SQLite file, or a database on the PostgreSQL that
//! `TESTBELL_TEST_DATABASE_URL` names.

use sea_orm::{ConnectionTrait, Database as Connection};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub struct Database {
    pub url: String,
    _folder: Option<TempDir>,
}

impl Database {
    #[allow(clippy::disallowed_methods, reason = "the test runner speaks by environment")]
    pub async fn create() -> Self {
        match std::env::var("TESTBELL_TEST_DATABASE_URL") {
            Ok(url) => Self::postgres(&url).await,
            Err(_) => Self::sqlite(),
        }
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self { url, _folder: Some(folder) }
    }

    /// The same for another server; SQLite's has one.
    pub fn shared(&self) -> Option<Self> {
        self.url.starts_with("postgres").then(|| Self { url: self.url.clone(), _folder: None })
    }

    /// The cluster is thrown away after the run, and its databases with it.
    async fn postgres(admin_url: &str) -> Self {
        let name = format!("t{}", Uuid::from_bytes(server::crypto::fill()).simple());
        let admin = Connection::connect(admin_url).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        let mut url: Url = admin_url.parse().unwrap();
        url.set_path(&name);
        Self { url: url.into(), _folder: None }
    }
}
