//! Group commit for SQLite: one task owns the writing connection and runs what waits, each
//! change in a savepoint, then commits once and answers all. The savepoint of a change is
//! released by the statement that opens the next one's, and the last one's by the commit: each
//! statement costs a way to SQLite's thread and back.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::{Effect, OnCommit, Tx, WriteError};

/// Changes that may wait. A full queue makes callers wait, which is the back-pressure.
const QUEUE: usize = 1024;
/// The most changes of one transaction, so that the first of a group isn't kept for long.
const GROUP: usize = 128;

pub(super) type Sender = mpsc::Sender<Job>;

/// Tells the caller, once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Option<&DbErr>) -> Vec<Effect> + Send>;
type Job = Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> BoxFuture<'c, Ran> + Send>;

/// A change that has run.
pub(super) struct Ran {
    answer: Answer,
    /// Whether it stands; else it is rolled back.
    stands: bool,
}

/// Starts the writing task. It ends when all senders are gone and the queue is empty.
pub(super) fn start(connection: DatabaseConnection, on_commit: OnCommit) -> Sender {
    let (sender, mut queue) = mpsc::channel::<Job>(QUEUE);
    tokio::spawn(async move {
        while let Some(first) = queue.recv().await {
            run_group(&connection, first, &mut queue, &on_commit).await;
        }
    });
    sender
}

/// Puts a change into the queue and waits until its group is durable.
pub(super) async fn write<T, E, F>(sender: &Sender, change: F) -> Result<T, E>
where
    T: Send + 'static,
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    let (tell, told) = oneshot::channel::<Result<T, E>>();
    let job: Job = Box::new(move |transaction| {
        Box::pin(async move {
            let tx = Tx::new(transaction);
            // A panic of one change must not end the writer, on whom everything else depends.
            let result = AssertUnwindSafe(change(&tx)).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(DbErr::Custom("a change panicked".to_owned()).into()));
            let effects = tx.into_effects();
            let stands = result.is_ok();
            let answer: Answer = Box::new(move |failure: Option<&DbErr>| {
                let result = match failure {
                    Some(error) => Err(E::from(copy(error))),
                    None => result,
                };
                // Whoever asked may be gone; the change stands all the same.
                let effects = if result.is_ok() { effects } else { Vec::new() };
                let _ = tell.send(result);
                effects
            });
            Ran { answer, stands }
        })
    });
    sender.send(job).await.map_err(|_| E::from(writer_gone()))?;
    told.await.unwrap_or_else(|_| Err(E::from(writer_gone())))
}

async fn run_group(connection: &DatabaseConnection, first: Job, queue: &mut mpsc::Receiver<Job>, on_commit: &OnCommit) {
    let mut answers = Vec::new();
    let committed = async {
        let transaction = connection.begin_with_options(at_once()).await?;
        transaction.execute_unprepared("SAVEPOINT change").await?;
        let mut next = Some(first);
        while let Some(job) = next {
            let Ran { answer, stands } = job(&transaction).await;
            answers.push(answer);
            next = if answers.len() < GROUP { queue.try_recv().ok() } else { None };
            if !stands {
                // The savepoint stays open, and is the next one's.
                transaction.execute_unprepared("ROLLBACK TO change").await?;
            } else if next.is_some() {
                transaction.execute_unprepared("RELEASE change; SAVEPOINT change").await?;
            }
        }
        transaction.commit().await
    }
    .await;
    let failure = committed.err();
    if let Some(error) = &failure {
        tracing::error!(%error, changes = answers.len(), "a group of changes could not be committed");
    }
    for answer in answers {
        answer(failure.as_ref()).into_iter().for_each(|effect| on_commit(effect));
    }
}

/// The lock is taken at the start: taken at the first write, it could find that another process
/// has written since the first read, and the whole group would fail.
fn at_once() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// [`DbErr`] can't be cloned, and a failed commit has many to tell.
fn copy(error: &DbErr) -> DbErr {
    DbErr::Custom(error.to_string())
}

fn writer_gone() -> DbErr {
    DbErr::Custom("the writer has stopped".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use app::model::id::WebhookId;
    use sea_orm::{ConnectionTrait, DbErr};
    use uuid::Uuid;

    use crate::storage::{Effect, Store, connect};

    async fn store() -> (tempfile::TempDir, Store, Arc<Mutex<Vec<Effect>>>) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("t.db").display());
        let effects = Arc::new(Mutex::new(Vec::new()));
        let seen = effects.clone();
        let database = connect(&url).await.unwrap();
        let store = Store::new(database, Arc::new(move |effect| seen.lock().unwrap().push(effect)));
        store
            .write::<_, DbErr, _>(|tx| {
                Box::pin(async { tx.db().execute_unprepared("CREATE TABLE t (n INTEGER)").await })
            })
            .await
            .unwrap();
        (folder, store, effects)
    }

    async fn insert(store: &Store, n: u32, end: Result<(), &'static str>) -> Result<(), DbErr> {
        store
            .write(move |tx| {
                Box::pin(async move {
                    tx.db().execute_unprepared(&format!("INSERT INTO t VALUES ({n})")).await?;
                    tx.after_commit(Effect::Dispatch(WebhookId(Uuid::from_u128(n.into()))));
                    match end {
                        Ok(()) => Ok(()),
                        Err("panic") => panic!("as the test wants it"),
                        Err(message) => Err(DbErr::Custom(message.into())),
                    }
                })
            })
            .await
    }

    async fn rows(store: &Store) -> Vec<i32> {
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT n FROM t ORDER BY n");
        let rows = store.read().query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get("", "n").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_change_that_fails_or_panics_rolls_back_alone_and_has_no_effects() {
        let (_folder, store, effects) = store().await;
        let (good, bad, panics, last) = tokio::join!(
            insert(&store, 1, Ok(())),
            insert(&store, 2, Err("refused")),
            insert(&store, 3, Err("panic")),
            insert(&store, 4, Ok(())),
        );
        assert!(good.is_ok() && last.is_ok());
        assert!(bad.is_err() && panics.is_err());
        assert_eq!(rows(&store).await, [1, 4]);
        let ids = [1, 4].map(|n| Effect::Dispatch(WebhookId(Uuid::from_u128(n))));
        assert_eq!(*effects.lock().unwrap(), ids);
    }

    #[tokio::test]
    async fn a_change_stands_when_its_caller_has_gone_away() {
        let (_folder, store, effects) = store().await;
        let mut gone = Box::pin(insert(&store, 1, Ok(())));
        assert!(futures::poll!(gone.as_mut()).is_pending());
        drop(gone);
        insert(&store, 2, Ok(())).await.unwrap();
        assert_eq!(rows(&store).await, [1, 2]);
        assert_eq!(effects.lock().unwrap().len(), 2);
    }
}
