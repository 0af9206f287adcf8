//! The database: a pool to read from, and one way to write.
//!
//! Every change goes through [`Store::write`] or a variant of it. SQLite has one writer, so the changes of all callers are
//! grouped: each runs in its own savepoint inside one transaction, which is committed once for the whole
//! group ([`group`]). A busy server pays for one commit instead of fifty. PostgreSQL groups commits by
//! itself, so each change is a transaction of its own, except those of [`Store::append`].
//!
//! [`Tx::after_commit`] takes what must happen once a change is durable, such as a live message or waking
//! the dispatcher. It happens even if the caller has gone away, and never for a change that was rolled
//! back.

mod appended;
mod connect;
mod failure;
mod group;
mod job;
mod migrate;
mod optimize;
mod outage;
mod precondition;
mod private_file;
mod probe;
mod revoked;
mod shared_reads;
mod write_connection;

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::error::Error;
use app::model::id::WebhookId;
use app::model::live::ProjectChange;
use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, TransactionTrait};
use tracing::Instrument;

pub use appended::Appended;
pub use connect::{Database, connect};
pub use failure::Unavailable;
use job::Kind;
pub use migrate::migrate;
pub use outage::{reason as outage_reason, report as report_outage, watch as watch_outages};
pub use precondition::Precondition;
pub use revoked::Revoked;
use shared_reads::SharedReads;

/// After this long the database counts as unavailable.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// What happens once a change is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Notifies the open browsers.
    Live(ProjectChange),
    /// Access was revoked: the open streams that depend on it end.
    Revoked(Revoked),
    /// Deliveries were queued for an endpoint.
    Dispatch(WebhookId),
    /// An issue was scheduled for a sync with its tracker.
    Sync,
    /// Emails were queued.
    Email,
}

/// Performs effects; it must neither block nor fail.
pub type OnCommit = Arc<dyn Fn(Effect) + Send + Sync>;

/// An open transaction.
pub struct Tx<'c> {
    connection: &'c DatabaseTransaction,
    effects: Mutex<Vec<Effect>>,
    /// What a change of [`Store::append`] shares with the others of its group.
    shared: Option<&'c SharedReads>,
    appended: Mutex<Appended>,
}

impl<'c> Tx<'c> {
    fn new(connection: &'c DatabaseTransaction, shared: Option<&'c SharedReads>) -> Self {
        Self { connection, effects: Mutex::default(), shared, appended: Mutex::default() }
    }

    /// Inserts rows, at the latest before the commit.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn append(&self, rows: Appended) -> Result<(), DbErr> {
        if self.shared.is_none() {
            return rows.insert(self.connection).await;
        }
        self.appended.lock().unwrap_or_else(PoisonError::into_inner).extend(rows);
        Ok(())
    }

    /// What was read before in this group of changes, or else what `read` reads. It may not depend on
    /// what [`Tx::append`] inserts.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn read_once<K, V>(&self, key: K, read: impl Future<Output = Result<V, DbErr>>) -> Result<Arc<V>, DbErr>
    where
        K: Eq + Hash + Send + 'static,
        V: Send + Sync + 'static,
    {
        if let Some(known) = self.shared.and_then(|shared| shared.get(&key)) {
            return Ok(known);
        }
        let value = Arc::new(read.await?);
        if let Some(shared) = self.shared {
            shared.put(key, value.clone());
        }
        Ok(value)
    }

    /// The connection to run statements on.
    #[must_use]
    pub fn db(&self) -> &'c DatabaseTransaction {
        self.connection
    }

    /// Registers an effect for after the commit.
    pub fn after_commit(&self, effect: Effect) {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).push(effect);
    }

    /// The same, unless it is registered already.
    pub fn after_commit_once(&self, effect: Effect) {
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }

    fn finish(self) -> (Vec<Effect>, Appended) {
        let effects = self.effects.into_inner().unwrap_or_else(PoisonError::into_inner);
        (effects, self.appended.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A failure to write, by the change itself or by the database.
pub trait WriteError: From<DbErr> + Send + 'static {}
impl<E: From<DbErr> + Send + 'static> WriteError for E {}

/// What follows a commit.
#[derive(Clone)]
struct Done {
    on_commit: OnCommit,
    /// See [`Store::version`].
    version: Arc<AtomicU64>,
}

impl Done {
    /// Comes before the effects and the results of the callers.
    fn changed(&self) {
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    fn perform(&self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| (self.on_commit)(effect));
    }
}

/// The database.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    checks: DatabaseConnection,
    writer: Writer,
    done: Done,
    probe: Arc<probe::Probe>,
}

#[derive(Clone)]
enum Writer {
    Grouped(group::Sender),
    Direct { connection: DatabaseConnection, appends: group::Sender },
}

impl Store {
    /// Opens the store on a database that [`connect()`] gave. Its writer ends with the last clone.
    #[must_use]
    pub fn new(database: Database, on_commit: OnCommit) -> Self {
        let done = Done { on_commit, version: Arc::default() };
        let group = group::start(database.write, done.clone());
        let writer = match database.read.get_database_backend() {
            DbBackend::Postgres => Writer::Direct { connection: database.read.clone(), appends: group },
            _ => Writer::Grouped(group),
        };
        Self { read: database.read, checks: database.checks, writer, done, probe: Arc::default() }
    }

    /// The pool to read from. Never write through it: that bypasses the groups.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The same store for the check of a [`Precondition`]. It reads through connections of its own, because the change
    /// that waits for the check has one of the others.
    #[must_use]
    pub fn for_checks(&self) -> Self {
        Self { read: self.checks.clone(), ..self.clone() }
    }

    /// Checks whether the database can be read and written.
    ///
    /// # Errors
    /// When the read, the write or its commit fails.
    pub async fn probe(&self) -> Result<(), DbErr> {
        self.probe.run(self).await
    }

    /// Refreshes SQLite's statistics, as is done at the start.
    ///
    /// # Errors
    /// If they can't be read or written.
    pub async fn optimize(&self) -> Result<(), DbErr> {
        match &self.writer {
            Writer::Grouped(sender) => {
                group::write(sender, |tx| Box::pin(async move { optimize::run(tx.db()).await }), Kind::Any).await
            }
            Writer::Direct { .. } => Ok(()),
        }
    }

    /// Runs a change and returns once it is durable. An error of the change rolls back that
    /// change and no other, and so does a [`Precondition`] of the request that doesn't hold.
    ///
    /// # Errors
    /// The error of the change, or the database's failure to begin or commit.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match precondition::current() {
            Some(condition) => self.run(precondition::conditional(condition, change), Kind::Conditional).await,
            None => self.run(change, Kind::Any).await,
        }
    }

    /// The same for a change of deliveries and webhooks, but nothing that access depends on.
    ///
    /// # Errors
    /// As of [`Store::write`].
    pub async fn write_delivery<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        self.run(change, Kind::Delivery).await
    }

    /// The number of changes of this process that may have changed what access depends on. It grows before their
    /// callers get their results.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.done.version.load(Ordering::SeqCst)
    }

    /// Counts a change of another process.
    pub fn note_change_elsewhere(&self) {
        self.done.changed();
    }

    /// [`Store::write`] for a frequent change that writes only through [`Tx::append`] and reads nothing that is
    /// inserted by it. Such changes are grouped on both databases, and the group inserts their rows together.
    ///
    /// # Errors
    /// As of [`Store::write`].
    pub async fn append<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match (precondition::current(), &self.writer) {
            (Some(_), _) => self.write(change).await,
            (None, Writer::Grouped(group) | Writer::Direct { appends: group, .. }) => {
                group::write(group, change, Kind::Append).await
            }
        }
    }

    async fn run<T, E, F>(&self, change: F, kind: Kind) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match &self.writer {
            Writer::Grouped(sender) => group::write(sender, change, kind).await,
            Writer::Direct { connection, .. } => {
                let work = direct(connection.clone(), self.done.clone(), kind, change).in_current_span();
                // A task of its own: if the caller went away between the commit and its effects, the
                // effects would be lost.
                match tokio::spawn(work).await {
                    Ok(result) => result,
                    Err(error) => Err(DbErr::Custom(format!("a change panicked: {error}")).into()),
                }
            }
        }
    }
}

/// A change in a transaction of its own.
async fn direct<T, E, F>(connection: DatabaseConnection, done: Done, kind: Kind, change: F) -> Result<T, E>
where
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>>,
{
    let transaction = connection.begin().await?;
    let tx = Tx::new(&transaction, None);
    let value = change(&tx).await?;
    let (effects, _) = tx.finish();
    let committed = transaction.commit().await;
    // Whether a commit that failed took place is not known.
    if kind.changes_access() {
        done.changed();
    }
    committed?;
    done.perform(effects);
    Ok(value)
}

/// Logs a failure of the database and turns it into an error for the caller, who may retry if it is an
/// outage.
#[must_use]
#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
pub fn internal(error: DbErr) -> Error {
    if precondition::is_failure(&error) {
        return Error::conflict("It has changed since it was read.");
    }
    report_outage(&error, "database error");
    Unavailable::from_db_error(&error).map_or(Error::Internal, Error::from)
}
