//! A condition on which the changes of a request are committed. It is checked when a change has run and holds the locks
//! of its rows, by what is committed then. So no other change can come between the check and the commit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use sea_orm::DbErr;

use super::{Tx, WriteError};

/// For a check, which only reads. The writing task of SQLite waits for it.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

const UNCHECKED: u8 = 0;
const HOLDS: u8 = 1;
const FAILED: u8 = 2;

tokio::task_local! {
    static CURRENT: Arc<Precondition>;
}

/// Reads whether the condition holds. `None` if that is not known.
type Check = Box<dyn Fn() -> BoxFuture<'static, Option<bool>> + Send + Sync>;

/// The condition of a request.
pub struct Precondition {
    check: Check,
    outcome: AtomicU8,
}

impl fmt::Debug for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Precondition").field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl Precondition {
    /// A condition that `check` reads through [`Store::for_checks`](super::Store::for_checks). The check must not write.
    #[must_use]
    pub fn new(check: impl Fn() -> BoxFuture<'static, Option<bool>> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { check: Box::new(check), outcome: AtomicU8::new(UNCHECKED) })
    }

    /// Runs a request. Its first change is committed only if the condition holds.
    pub async fn guard<T>(self: Arc<Self>, request: impl Future<Output = T>) -> T {
        CURRENT.scope(self, request).await
    }

    /// Whether the condition held when the request changed something; `None` if it changed nothing.
    #[must_use]
    pub fn outcome(&self) -> Option<bool> {
        match self.outcome.load(Ordering::Acquire) {
            UNCHECKED => None,
            outcome => Some(outcome == HOLDS),
        }
    }

    /// Reads whether the condition holds now. `None` if that is not known.
    pub async fn holds(&self) -> Option<bool> {
        tokio::time::timeout(CHECK_TIMEOUT, (self.check)()).await.ok().flatten()
    }

    async fn require(&self) -> Result<(), DbErr> {
        let holds = self.holds().await;
        if let Some(holds) = holds {
            self.outcome.store(if holds { HOLDS } else { FAILED }, Ordering::Release);
        }
        match holds {
            Some(true) => Ok(()),
            Some(false) => Err(DbErr::Custom(FAILURE.to_owned())),
            None => Err(DbErr::Custom("failed to check a precondition".to_owned())),
        }
    }
}

/// Marks the error of a change whose condition doesn't hold.
const FAILURE: &str = "the precondition doesn't hold";

/// Whether a change was rolled back because its condition doesn't hold.
pub fn is_failure(error: &DbErr) -> bool {
    matches!(error, DbErr::Custom(text) if text == FAILURE)
}

/// The condition that the next change of this request must check.
pub fn current() -> Option<Arc<Precondition>> {
    CURRENT.try_with(Arc::clone).ok().filter(|precondition| precondition.outcome() != Some(true))
}

/// A change that fails if the condition doesn't hold.
pub fn conditional<T, E, F>(
    precondition: Arc<Precondition>,
    change: F,
) -> impl for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static
where
    T: Send + 'static,
    E: WriteError,
    F: for<'c> FnOnce(&'c Tx<'c>) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
{
    move |tx| {
        Box::pin(async move {
            let value = change(tx).await?;
            precondition.require().await?;
            Ok(value)
        })
    }
}
