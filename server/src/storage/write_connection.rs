//! The connection of the writing task, the only one that writes to SQLite. After any failure it is closed and
//! a new one is opened: SQLite may have rolled back by itself, and then sqlx and SQLite disagree on whether
//! a transaction is open. Writes on such a connection are lost.

use std::time::Duration;

use futures::FutureExt;
use sea_orm::sqlx::Connection;
use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use tokio::time::Instant;

/// For closing a connection, which the disk may delay.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a committed write proves that the connection can write.
const PROOF_INTERVAL: Duration = Duration::from_secs(1);

/// The writing connection: a pool of one.
pub struct WriteConnection {
    options: ConnectOptions,
    /// `None` after a failure, until the next transaction.
    open: Option<DatabaseConnection>,
    last_write: Option<Instant>,
    engine: DbBackend,
}

impl WriteConnection {
    /// A connection to PostgreSQL, opened when it is needed.
    pub fn to_postgres(options: ConnectOptions) -> Self {
        Self { options, open: None, last_write: None, engine: DbBackend::Postgres }
    }

    /// Opens SQLite.
    ///
    /// # Errors
    /// When the database can't be opened.
    pub async fn open_sqlite(mut options: ConnectOptions) -> Result<Self, DbErr> {
        // The pool closes a connection that is inside a transaction and opens a new one: a
        // transaction that begins there would only be a savepoint that nobody commits.
        options.map_sqlx_sqlite_before_acquire(|connection, _| {
            let usable = !connection.is_in_transaction();
            async move { Ok(usable) }.boxed()
        });
        let open = Some(sea_orm::Database::connect(options.clone()).await?);
        Ok(Self { options, open, last_write: None, engine: DbBackend::Sqlite })
    }

    /// The connection for migrations; `None` after a failure, and for PostgreSQL.
    #[must_use]
    pub fn for_migrations(&self) -> Option<&DatabaseConnection> {
        self.open.as_ref()
    }

    /// Begins a transaction, on a new connection if the last one failed.
    pub(super) async fn begin(&mut self) -> Result<DatabaseTransaction, DbErr> {
        let connection = match self.open.take() {
            Some(connection) => connection,
            None => sea_orm::Database::connect(self.options.clone()).await?,
        };
        self.open.insert(connection).begin_with_options(immediate()).await
    }

    /// Whether the last committed write to SQLite was too long ago.
    pub(super) fn is_unproven(&self) -> bool {
        self.engine == DbBackend::Sqlite && self.last_write.is_none_or(|then| then.elapsed() >= PROOF_INTERVAL)
    }

    /// Records that a write was committed.
    pub(super) fn prove(&mut self) {
        self.last_write = Some(Instant::now());
    }

    /// Closes the connection. Call it after any failure, once the transaction is dropped.
    pub(super) async fn discard(&mut self) {
        self.last_write = None;
        if let Some(connection) = self.open.take() {
            // A closed connection releases its locks, so the next one doesn't wait for them.
            if tokio::time::timeout(CLOSE_TIMEOUT, connection.close()).await.is_err() {
                tracing::warn!("the writing connection is still closing after a failure");
            }
        }
    }
}

/// Takes the lock at the beginning. Otherwise the first write would fail if another process had written
/// since the first read.
fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}
