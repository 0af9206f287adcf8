//! What a button sets off: one request at a time, whether it is under way, and why it failed.

use leptos::prelude::*;

use crate::error::{Error, Result};

/// See the [module](self).
#[derive(Clone, Copy)]
pub struct Task {
    pending: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
}

impl Task {
    /// One that was not started yet.
    #[must_use]
    pub fn new() -> Self {
        Self { pending: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Whether it is under way.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Why the latest try failed; nothing while another one is under way.
    #[must_use]
    pub fn error(self) -> Signal<Option<Error>> {
        self.error.into()
    }

    /// Forgets why the latest try failed.
    pub fn forget(self) {
        let _ = self.error.try_set(None);
    }

    /// Starts it, unless it is under way.
    pub fn start(self, work: impl Future<Output = Result<()>> + 'static) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.error.set(None);
        leptos::task::spawn_local(async move {
            let error = work.await.err();
            // The page may have been left in the meantime.
            let _ = self.error.try_set(error);
            let _ = self.pending.try_set(false);
        });
    }
}

impl Default for Task {
    fn default() -> Self {
        Self::new()
    }
}
