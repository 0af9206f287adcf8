//! Checks whether the database works, by a read and a committed write. Callers that arrive while a probe
//! runs share the next one, so that many callers cost no more than one.

use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use tokio::sync::Mutex;

use super::Store;

/// Writes to SQLite's log and changes nothing.
pub const SQLITE_WRITE: &str = "PRAGMA user_version = 0";
/// The same for PostgreSQL. A read-only server still assigns transaction IDs, so it also updates no row.
const POSTGRES_WRITE: &str = "SELECT txid_current(); UPDATE projects SET name = name WHERE FALSE";

#[derive(Default)]
pub struct Probe {
    started: AtomicU64,
    /// The number and the failure of the last probe, locked while one runs.
    last: Mutex<(u64, Option<DbErr>)>,
}

impl Probe {
    /// Runs a probe, or takes the result of one that began after this call.
    pub(super) async fn run(&self, store: &Store) -> Result<(), DbErr> {
        let before = self.started.load(Ordering::SeqCst);
        let mut last = self.last.lock().await;
        if last.0 <= before {
            let number = self.started.fetch_add(1, Ordering::SeqCst) + 1;
            *last = (number, read_and_write(store).await.err());
        }
        last.1.clone().map_or(Ok(()), Err)
    }
}

async fn read_and_write(store: &Store) -> Result<(), DbErr> {
    store.read().execute_unprepared("SELECT 1").await?;
    store
        .write(|tx| {
            Box::pin(async {
                let statement = match tx.db().get_database_backend() {
                    DbBackend::Postgres => POSTGRES_WRITE,
                    _ => SQLITE_WRITE,
                };
                tx.db().execute_unprepared(statement).await.map(drop)
            })
        })
        .await
}
