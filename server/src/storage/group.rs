//! Group commit. One task owns the writing connection. It runs the queued changes, each in a
//! savepoint, commits once and returns the results to all callers. The statement that opens a savepoint
//! also releases the previous one, because each statement costs a round trip. A change of
//! [`Store::append`](super::Store::append) needs none, because the group inserts its rows. On SQLite all changes are
//! grouped, on PostgreSQL only these.
//!
//! When a group fails outside of its changes, all its callers get an error, and its connection is closed.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, RuntimeErr};
use tokio::sync::{mpsc, oneshot};

use super::job::{Job, JobResult, Kind, QueuedChange};
use super::probe::SQLITE_WRITE;
use super::shared_reads::SharedReads;
use super::write_connection::WriteConnection;
use super::{Appended, Done, Tx, WriteError, outage};

/// Queued changes. A full queue makes callers wait, which is the back-pressure.
const MAX_QUEUED_CHANGES: usize = 1024;
/// Changes in one transaction, so that the first one of a group doesn't wait for long. PostgreSQL remembers up to 64
/// savepoints of a transaction in shared memory; with more, all reads become slower.
const MAX_GROUP_SIZE: usize = 60;

pub(super) type Sender = mpsc::Sender<Box<dyn Job>>;
type Receiver = mpsc::Receiver<Box<dyn Job>>;

/// Starts the writing task. It ends when all senders are gone and the queue is empty.
pub(super) fn start(mut connection: WriteConnection, done: Done) -> Sender {
    let (sender, mut queue) = mpsc::channel(MAX_QUEUED_CHANGES);
    tokio::spawn(async move {
        // It must be the first of its group.
        let mut conditional = None;
        loop {
            let first = match conditional.take() {
                Some(job) => Some(job),
                None => queue.recv().await,
            };
            let Some(first) = first else { break };
            // A panic must not end the task: nothing could be written until a restart.
            let group = run_group(&mut connection, first, (&mut queue, &mut conditional), &done);
            if AssertUnwindSafe(group).catch_unwind().await.is_err() {
                tracing::error!("write group panicked");
                connection.discard().await;
            }
        }
    });
    sender
}

/// Queues a change and waits until its group is durable. A conditional change begins a group.
pub(super) async fn write<T, E, F>(sender: &Sender, change: F, kind: Kind) -> Result<T, E>
where
    T: Send + 'static,
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    let (caller, result) = oneshot::channel();
    sender.send(Box::new(QueuedChange { change, kind, caller })).await.map_err(|_| E::from(group_lost()))?;
    result.await.unwrap_or_else(|_| Err(E::from(group_lost())))
}

/// Runs a group of queued changes. It ends before a conditional change.
async fn run_group(
    connection: &mut WriteConnection,
    first: Box<dyn Job>,
    (queue, conditional): (&mut Receiver, &mut Option<Box<dyn Job>>),
    done: &Done,
) {
    let mut callers = Vec::new();
    let mut next = Some(first);
    let (mut writes, mut changes_access) = (false, false);
    let (shared, mut appended) = (SharedReads::default(), Appended::default());
    let committed = async {
        let transaction = connection.begin().await?;
        let mut savepoint = Savepoint::Missing;
        while let Some(job) = next.take() {
            let kind = job.kind();
            if kind != Kind::Append {
                if let Err(error) = savepoint.open(&transaction, &mut appended).await {
                    // It fails with this error, as the others do.
                    next = Some(job);
                    return Err(error);
                }
                shared.clear();
            }
            let JobResult { respond, commit, appended: of_change } = job.run(&transaction, &shared).await;
            callers.push(respond);
            writes |= commit;
            changes_access |= commit && kind.changes_access();
            match (commit, kind) {
                (true, Kind::Append) => appended.extend(of_change),
                (false, Kind::Append) => {}
                (true, _) => savepoint = Savepoint::Used,
                (false, _) => {
                    transaction.execute_unprepared("ROLLBACK TO SAVEPOINT change").await?;
                }
            }
            next = if callers.len() < MAX_GROUP_SIZE { queue.try_recv().ok() } else { None };
            *conditional = next.take_if(|job| job.kind() == Kind::Conditional);
        }
        appended.insert(&transaction).await?;
        if !writes && connection.is_unproven() {
            // The changes may have failed because the connection is read-only, which SQLite remembers until
            // it is closed.
            transaction.execute_unprepared(SQLITE_WRITE).await?;
            writes = true;
        }
        transaction.commit().await
    }
    .await;
    if changes_access {
        // Also after a failure: a commit that failed may have taken place.
        done.changed();
    }
    let Err(error) = committed else {
        #[allow(clippy::cast_precision_loss, reason = "a group is small")]
        metrics::histogram!("testbell_commit_group_size").record(callers.len() as f64);
        if writes {
            connection.prove();
        }
        for respond in callers {
            done.perform(respond(None));
        }
        return;
    };
    fail_waiting(next, callers.is_empty(), queue, &error);
    for respond in callers {
        respond(Some(&error));
    }
    outage::report(&error, "failed to commit a write group");
    connection.discard().await;
}

/// The savepoint of a group, to which a failed change is rolled back.
enum Savepoint {
    Missing,
    /// Nothing was written since.
    Fresh,
    /// A change has written since.
    Used,
}

impl Savepoint {
    /// Begins it again for the next change, after what earlier changes left to insert, which that change may read.
    async fn open(&mut self, transaction: &DatabaseTransaction, appended: &mut Appended) -> Result<(), DbErr> {
        let is_empty = appended.is_empty();
        std::mem::take(appended).insert(transaction).await?;
        let statement = match self {
            Self::Missing => "SAVEPOINT change",
            Self::Fresh if is_empty => return Ok(()),
            Self::Fresh | Self::Used => "RELEASE SAVEPOINT change; SAVEPOINT change",
        };
        transaction.execute_unprepared(statement).await?;
        *self = Self::Fresh;
        Ok(())
    }
}

/// Fails the changes that have not run. If the transaction didn't begin, the queued changes would fail
/// too, each after a timeout of its own.
fn fail_waiting(next: Option<Box<dyn Job>>, whole_queue: bool, queue: &mut Receiver, error: &DbErr) {
    next.into_iter().for_each(|job| job.fail(error.clone()));
    while whole_queue && let Ok(job) = queue.try_recv() {
        job.fail(error.clone());
    }
}

/// The group panicked, or the server is shutting down.
fn group_lost() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the writing task dropped the change".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use app::model::id::{EventId, ProjectId, WebhookId};
    use chrono::DateTime;
    use sea_orm::ActiveValue::Set;
    use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait};
    use uuid::Uuid;

    use crate::entity::event;
    use crate::storage::{Appended, Effect, Precondition, Store, connect};

    async fn store() -> (tempfile::TempDir, Store, Arc<Mutex<Vec<Effect>>>) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("t.db").display());
        let effects = Arc::new(Mutex::new(Vec::new()));
        let seen = effects.clone();
        let database = connect(&url, 2).await.unwrap();
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
    async fn a_failed_change_rolls_back_alone() {
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
    async fn a_change_is_kept_when_its_caller_goes_away() {
        let (_folder, store, effects) = store().await;
        let mut gone = Box::pin(insert(&store, 1, Ok(())));
        assert!(futures::poll!(gone.as_mut()).is_pending());
        drop(gone);
        insert(&store, 2, Ok(())).await.unwrap();
        assert_eq!(rows(&store).await, [1, 2]);
        assert_eq!(effects.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_conditional_change_is_checked_after_earlier_changes_are_committed() {
        let (_folder, store, effects) = store().await;
        let if_rows = |expected: &'static [i32]| {
            let reader = store.for_checks();
            Precondition::new(move || {
                let reader = reader.clone();
                Box::pin(async move { Some(rows(&reader).await == expected) })
            })
        };
        let (holds, fails) = (if_rows(&[1]), if_rows(&[1]));
        let (first, second, third, refused) = tokio::join!(
            insert(&store, 1, Ok(())),
            holds.clone().guard(insert(&store, 2, Ok(()))),
            insert(&store, 3, Ok(())),
            fails.clone().guard(insert(&store, 4, Ok(()))),
        );
        assert!(first.is_ok() && second.is_ok() && third.is_ok() && refused.is_err());
        assert_eq!((holds.outcome(), fails.outcome()), (Some(true), Some(false)));
        assert_eq!(rows(&store).await, [1, 2, 3]);
        assert_eq!(effects.lock().unwrap().len(), 3);
    }

    const EVENTS: &str = "CREATE TABLE events (id TEXT PRIMARY KEY, project_id, event_type, body, occurred_at, erased_at, \
         erased_by)";

    async fn append_event(store: &Store, n: u128, end: Result<(), DbErr>) -> Result<(), DbErr> {
        let event = event::ActiveModel {
            id: Set(EventId(Uuid::from_u128(n))),
            project_id: Set(ProjectId(Uuid::nil())),
            event_type: Set("issue.created".to_owned()),
            body: Set("{}".to_owned()),
            occurred_at: Set(DateTime::UNIX_EPOCH),
            ..Default::default()
        };
        let append = store.append(move |tx| {
            Box::pin(async move {
                tx.append(Appended { events: vec![event], ..Default::default() }).await?;
                end
            })
        });
        append.await
    }

    async fn count_events(db: &impl ConnectionTrait) -> Result<u64, DbErr> {
        event::Entity::find().count(db).await
    }

    #[tokio::test]
    async fn a_change_sees_what_earlier_changes_of_its_group_append() {
        let (_folder, store, _) = store().await;
        execute(&store, EVENTS).await.unwrap();
        let count_and_fail = store
            .write(|tx| Box::pin(async move { Err::<(), _>(DbErr::Custom(count_events(tx.db()).await?.to_string())) }));
        let (first, refused, counted, last) = tokio::join!(
            append_event(&store, 1, Ok(())),
            append_event(&store, 2, Err(DbErr::Custom("refused".to_owned()))),
            count_and_fail,
            append_event(&store, 3, Ok(())),
        );
        assert!(first.is_ok() && refused.is_err() && last.is_ok());
        assert_eq!(counted, Err(DbErr::Custom("1".to_owned())));
        assert_eq!(count_events(store.read()).await, Ok(2));
    }

    #[tokio::test]
    async fn a_group_reads_again_after_a_change_that_may_have_written() {
        let (_folder, store, _) = store().await;
        let read = |value: u32| {
            store.append(move |tx| {
                Box::pin(async move { tx.read_once("key", async move { Ok(value) }).await.map(|found| *found) })
            })
        };
        let (first, second, _, third) = tokio::join!(read(1), read(2), insert(&store, 1, Ok(())), read(3));
        assert_eq!((first, second, third), (Ok(1), Ok(1), Ok(3)));
    }

    async fn execute(store: &Store, sql: &'static str) -> Result<(), DbErr> {
        store.write(move |tx| Box::pin(async move { tx.db().execute_unprepared(sql).await.map(drop) })).await
    }

    /// SQLite rolls the first transaction back by itself, and the second one fails when it is committed.
    #[tokio::test]
    async fn writes_after_failed_groups_are_durable() {
        let (_folder, store, _) = store().await;
        execute(
            &store,
            "CREATE TRIGGER full BEFORE INSERT ON t WHEN NEW.n = 0 BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END;
             CREATE TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);",
        )
        .await
        .unwrap();
        assert!(insert(&store, 0, Ok(())).await.is_err());
        assert!(execute(&store, "INSERT INTO child VALUES (1)").await.is_err());
        insert(&store, 1, Ok(())).await.unwrap();
        insert(&store, 2, Ok(())).await.unwrap();
        assert_eq!(rows(&store).await, [1, 2]);
    }

    #[tokio::test]
    async fn all_callers_of_a_failed_group_get_an_error() {
        let (_folder, store, effects) = store().await;
        let trigger = "CREATE TRIGGER full BEFORE INSERT ON t WHEN NEW.n = 0 BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
        execute(&store, trigger).await.unwrap();
        let (first, failed, last) =
            tokio::join!(insert(&store, 1, Ok(())), insert(&store, 0, Ok(())), insert(&store, 2, Ok(())));
        assert!(first.is_err() && failed.is_err());
        // It was not in the transaction any more, or began a new one.
        assert_eq!(rows(&store).await.len(), usize::from(last.is_ok()));
        assert_eq!(effects.lock().unwrap().len(), usize::from(last.is_ok()));
    }
}
