//! The database: one pool to read from, one door to write through.
//!
//! Every change goes through [`Store::write`]. On SQLite, which has one writer, the changes of
//! all callers are put into groups: each runs in a savepoint of its own inside one transaction,
//! which is committed once for the whole group ([`group`]). A busy server so pays for one commit
//! where it would pay for fifty. On PostgreSQL, which commits in groups by itself, each change
//! is a transaction of its own.
//!
//! What has to happen once a change is durable (a live message, waking the dispatcher) is handed
//! to [`Tx::after_commit`]: it happens also when the caller has gone away meanwhile, and never
//! for a change that was rolled back.

mod connect;
mod group;

use std::sync::{Arc, Mutex, PoisonError};

use app::error::Error;
use app::model::id::{ProjectId, UserId, WebhookId};
use app::model::live::Change;
use futures::future::BoxFuture;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use tracing::Instrument;

pub use connect::{Database, connect, migrate};

/// What happens once a change is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Browsers are told.
    Live(Change),
    /// A user may no longer read a project: the open streams of it end.
    Removed(ProjectId, UserId),
    /// Deliveries were queued for an endpoint.
    Dispatch(WebhookId),
    /// An issue is to be read from its tracker.
    Sync,
}

/// Performs effects; it must neither block nor fail.
pub type OnCommit = Arc<dyn Fn(Effect) + Send + Sync>;

/// A transaction under way.
pub struct Tx<'c> {
    connection: &'c DatabaseTransaction,
    effects: Mutex<Vec<Effect>>,
}

impl<'c> Tx<'c> {
    fn new(connection: &'c DatabaseTransaction) -> Self {
        Self { connection, effects: Mutex::default() }
    }

    /// The connection to run statements on.
    #[must_use]
    pub fn db(&self) -> &'c DatabaseTransaction {
        self.connection
    }

    /// Notes what to do once the change is durable.
    pub fn after_commit(&self, effect: Effect) {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).push(effect);
    }

    /// The same, unless it was noted before.
    pub fn after_commit_once(&self, effect: Effect) {
        let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
        if !effects.contains(&effect) {
            effects.push(effect);
        }
    }

    fn into_effects(self) -> Vec<Effect> {
        self.effects.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A failure to write: either the change itself refused, or the database did.
pub trait WriteError: From<DbErr> + Send + 'static {}
impl<E: From<DbErr> + Send + 'static> WriteError for E {}

/// The database.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    writer: Writer,
    on_commit: OnCommit,
}

#[derive(Clone)]
enum Writer {
    Grouped(group::Sender),
    Direct(DatabaseConnection),
}

impl Store {
    /// Opens the store on a database that [`connect()`] gave. Its writer ends with the last clone.
    #[must_use]
    pub fn new(database: Database, on_commit: OnCommit) -> Self {
        let writer = match database.write {
            Some(connection) => Writer::Grouped(group::start(connection, on_commit.clone())),
            None => Writer::Direct(database.read.clone()),
        };
        Self { read: database.read, writer, on_commit }
    }

    /// The pool to read from. Writing through it would get around the groups.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Runs a change and returns once it is durable. An error of the change rolls back that
    /// change and no other.
    ///
    /// # Errors
    /// What the change answered, or the database's failure to begin or commit.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: WriteError,
        F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match &self.writer {
            Writer::Grouped(sender) => group::write(sender, change).await,
            Writer::Direct(connection) => {
                let work = direct(connection.clone(), self.on_commit.clone(), change).in_current_span();
                // A task of its own: a caller that goes away between the commit and its effects
                // would leave a change that nobody is told of.
                match tokio::spawn(work).await {
                    Ok(result) => result,
                    Err(error) => Err(DbErr::Custom(format!("a change broke off: {error}")).into()),
                }
            }
        }
    }
}

/// A change in a transaction of its own.
async fn direct<T, E, F>(connection: DatabaseConnection, on_commit: OnCommit, change: F) -> Result<T, E>
where
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>>,
{
    let transaction = connection.begin().await?;
    let tx = Tx::new(&transaction);
    let value = change(&tx).await?;
    let effects = tx.into_effects();
    transaction.commit().await?;
    effects.into_iter().for_each(|effect| on_commit(effect));
    Ok(value)
}

/// A database failure is the server's own; its cause goes to the log and not to the caller.
#[must_use]
pub fn internal(error: DbErr) -> Error {
    tracing::error!(%error, "the database failed");
    Error::Internal
}
