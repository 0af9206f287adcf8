//! A change in the queue of the writing task. Every caller gets a result: that of its change once the group
//! is committed, or the failure of the group.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::oneshot;

use super::shared_reads::SharedReads;
use super::{Appended, Effect, Tx, WriteError};

/// What a change may see of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All that earlier changes of the group wrote.
    Any,
    /// What is committed, so no other change may run before it in its group.
    Conditional,
    /// The same as `Any`. It changes only deliveries and webhooks.
    Delivery,
    /// Nothing that [`Tx::append`] inserts.
    Append,
}

impl Kind {
    /// Whether it may change what access depends on.
    pub fn changes_access(self) -> bool {
        match self {
            Self::Any | Self::Conditional => true,
            Self::Delivery | Self::Append => false,
        }
    }
}

/// A change without its types.
pub trait Job: Send {
    /// Runs the change.
    fn run<'c>(
        self: Box<Self>,
        transaction: &'c DatabaseTransaction,
        shared: &'c SharedReads,
    ) -> BoxFuture<'c, JobResult>;
    /// What it may see.
    fn kind(&self) -> Kind;
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
    /// What the group inserts for a change that is committed.
    pub appended: Appended,
}

/// A change with its caller.
pub struct QueuedChange<T, E, F> {
    pub change: F,
    pub kind: Kind,
    pub caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for QueuedChange<T, E, F>
where
    T: Send + 'static,
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    fn run<'c>(
        self: Box<Self>,
        transaction: &'c DatabaseTransaction,
        shared: &'c SharedReads,
    ) -> BoxFuture<'c, JobResult> {
        Box::pin(async move {
            let Self { change, caller, kind } = *self;
            let tx = Tx::new(transaction, Some(shared).filter(|_| kind == Kind::Append));
            // A panic in one change must not end the writing task.
            let result = AssertUnwindSafe(change(&tx)).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(DbErr::Custom("a change panicked".to_owned()).into()));
            let (effects, appended) = tx.finish();
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
            JobResult { respond, commit, appended }
        })
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn fail(self: Box<Self>, error: DbErr) {
        let _ = self.caller.send(Err(E::from(error)));
    }
}
