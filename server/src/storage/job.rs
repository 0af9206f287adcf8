//! A change in the queue of the writing task. Every caller gets a result: that of its change once the group
//! is committed, or the failure of the group.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::oneshot;

use super::{Effect, Tx, WriteError};

/// A change without its types.
pub trait Job: Send {
    /// Runs the change.
    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, JobResult>;
    /// Whether it reads what is committed, so that no other change may run before it in its group.
    fn is_conditional(&self) -> bool;
    /// Fails a change that has not run.
    fn fail(self: Box<Self>, error: DbErr);
}

/// Returns the result to the caller, given the failure of the group. Returns the effects to perform.
pub type Respond = Box<dyn FnOnce(Option<&DbErr>) -> Vec<Effect> + Send>;

/// A change that has run.
pub struct JobResult {
    pub respond: Respond,
    /// Otherwise the change is rolled back.
    pub commit: bool,
}

/// A change with its caller.
pub struct QueuedChange<T, E, F> {
    pub change: F,
    pub conditional: bool,
    pub caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for QueuedChange<T, E, F>
where
    T: Send + 'static,
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    fn run(self: Box<Self>, transaction: &DatabaseTransaction) -> BoxFuture<'_, JobResult> {
        Box::pin(async move {
            let Self { change, caller, .. } = *self;
            let tx = Tx::new(transaction);
            // A panic in one change must not end the writing task.
            let result = AssertUnwindSafe(change(&tx)).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(DbErr::Custom("a change panicked".to_owned()).into()));
            let effects = tx.into_effects();
            let commit = result.is_ok();
            let respond: Respond = Box::new(move |failure: Option<&DbErr>| {
                let result = match failure {
                    Some(error) => Err(E::from(error.clone())),
                    None => result,
                };
                let effects = if result.is_ok() { effects } else { Vec::new() };
                // The caller may be gone. The change is kept anyway.
                let _ = caller.send(result);
                effects
            });
            JobResult { respond, commit }
        })
    }

    fn is_conditional(&self) -> bool {
        self.conditional
    }

    fn fail(self: Box<Self>, error: DbErr) {
        let _ = self.caller.send(Err(E::from(error)));
    }
}
