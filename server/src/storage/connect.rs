//! Connecting: SQLite in WAL mode, or PostgreSQL.

use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr};

/// The pools of one database.
pub struct Database {
    /// What reads; on PostgreSQL also what writes.
    pub read: DatabaseConnection,
    /// The one writing connection of SQLite.
    pub write: Option<DatabaseConnection>,
}

/// How long a statement waits for SQLite's lock, and a caller for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to `url`, which begins with `sqlite:` or `postgres:`. A missing SQLite file is made.
///
/// # Errors
/// The database's own, when it can't be reached or opened.
pub async fn connect(url: &str) -> Result<Database, DbErr> {
    if url.starts_with("sqlite:") {
        let write = sea_orm::Database::connect(sqlite(url, 1)).await?;
        let read = sea_orm::Database::connect(sqlite(url, 4)).await?;
        Ok(Database { read, write: Some(write) })
    } else {
        let mut options = ConnectOptions::new(url);
        options.max_connections(16).acquire_timeout(PATIENCE).sqlx_logging(false);
        Ok(Database { read: sea_orm::Database::connect(options).await?, write: None })
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode NORMAL survives a crash of the process; FULL also one of the machine:
            // what was acknowledged is never lost, and groups keep it affordable.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("journal_size_limit", "67108864")
    });
    options
}

/// Applies the steps of the schema that the database has not seen yet.
///
/// # Errors
/// The database's own.
pub async fn migrate(database: &Database) -> Result<(), DbErr> {
    use sea_orm_migration::MigratorTrait;
    migrations::Migrator::up(database.write.as_ref().unwrap_or(&database.read), None).await
}
