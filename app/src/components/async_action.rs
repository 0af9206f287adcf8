//! An asynchronous action behind a button: one request at a time, with its pending state and error.

use leptos::prelude::*;

use crate::error::{Error, Result};

#[derive(Clone, Copy)]
pub struct AsyncAction {
    pending: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
}

impl AsyncAction {
    /// Creates an idle action.
    #[must_use]
    pub fn new() -> Self {
        Self { pending: RwSignal::new(false), error: RwSignal::new(None) }
    }

    /// Whether a request is running.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// The error of the latest request. Cleared while another one runs.
    #[must_use]
    pub fn error(self) -> Signal<Option<Error>> {
        self.error.into()
    }

    /// Clears the error.
    pub fn forget(self) {
        let _ = self.error.try_set(None);
    }

    /// Starts a request, unless one is running.
    pub fn start(self, work: impl Future<Output = Result<()>> + 'static) {
        if self.pending.try_get_untracked() != Some(false) {
            return;
        }
        self.pending.set(true);
        self.error.set(None);
        leptos::task::spawn_local(async move {
            let error = work.await.err();
            // The user may have left the page.
            let _ = self.error.try_set(error);
            let _ = self.pending.try_set(false);
        });
    }
}

impl Default for AsyncAction {
    fn default() -> Self {
        Self::new()
    }
}
