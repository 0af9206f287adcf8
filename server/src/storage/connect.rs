//! Connects to SQLite in WAL mode, or to PostgreSQL.

use std::time::Duration;

use super::private_file;
use futures::FutureExt;
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr};

use super::failure::Unavailable;
use super::write_connection::WriteConnection;

/// The pools of one database.
pub struct Database {
    /// On PostgreSQL it writes too.
    pub read: DatabaseConnection,
    /// Reads for the checks of preconditions.
    pub checks: DatabaseConnection,
    /// The connection of grouped changes: all of them on SQLite.
    pub write: WriteConnection,
}

/// For a lock of another process or transaction. Trackers give up after 10 seconds, and need a response with `Retry-After` before.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// At the start, each for [`ACQUIRE_TIMEOUT`].
const MAX_CONNECT_ATTEMPTS: u32 = 4;
/// A connection that was used in this time is not tested before it is used again: a test is a round trip.
const MAX_UNTESTED_IDLE: Duration = Duration::from_secs(1);
/// They read for the checks of preconditions.
const CHECK_CONNECTIONS: u32 = 2;
/// For a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Connects to `url`, which begins with `sqlite:` or `postgres:`. A missing SQLite file is created. PostgreSQL gets at
/// most `max_connections`, one more for grouped changes, and up to two more while preconditions are checked.
///
/// # Errors
/// When the database can't be reached or opened.
pub async fn connect(url: &str, max_connections: u32) -> Result<Database, DbErr> {
    if url.starts_with("sqlite:") {
        if let Err(error) = private_file::protect(url) {
            tracing::warn!(%error, "failed to restrict the database file to its owner");
        }
        let write = WriteConnection::open_sqlite(sqlite(url, 1)).await?;
        let read = sea_orm::Database::connect(sqlite(url, 4)).await?;
        Ok(Database { checks: read.clone(), read, write })
    } else {
        let mut options = ConnectOptions::new(url);
        options.max_connections(max_connections).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
        options.test_before_acquire_if_idle_for(MAX_UNTESTED_IDLE);
        let lock_timeout = format!("{}ms", LOCK_TIMEOUT.as_millis());
        options.map_sqlx_postgres_opts(move |options| options.options([("lock_timeout", &lock_timeout)]));
        // A transaction that begins inside another one would only be a savepoint that nobody commits.
        options.map_sqlx_postgres_before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            async move { Ok(usable) }.boxed()
        });
        let read = connect_with_retries(options.clone()).await?;
        let mut grouped = options.clone();
        grouped.max_connections(1);
        let write = WriteConnection::to_postgres(grouped);
        options.max_connections(CHECK_CONNECTIONS).connect_lazy(true);
        Ok(Database { read, checks: sea_orm::Database::connect(options).await?, write })
    }
}

/// The database may be starting at the same time.
async fn connect_with_retries(options: ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    for _ in 1..MAX_CONNECT_ATTEMPTS {
        match sea_orm::Database::connect(options.clone()).await {
            Err(error) if Unavailable::from_db_error(&error).is_some() => {
                tracing::warn!(%error, "failed to connect to the database; retrying");
            }
            done => return done,
        }
    }
    sea_orm::Database::connect(options).await
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // A file doesn't go away as a server does.
    options.test_before_acquire(false);
    options.max_connections(connections).min_connections(1).acquire_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| {
        options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // In WAL mode, NORMAL survives a crash of the process, and FULL one of the machine too. Group
            // commit keeps it affordable.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(LOCK_TIMEOUT)
            .pragma("journal_size_limit", "67108864")
    });
    options
}
