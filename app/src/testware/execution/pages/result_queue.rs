//! Results that the keyboard adds. They are sent one after the other, so that they keep their order, and each failure is
//! shown with its case.

use std::collections::VecDeque;

use leptos::prelude::*;

use crate::components::toast::{Toasts, use_toasts};
use crate::testware::case::CaseId;
use crate::testware::execution::ResultStatus;
use crate::testware::result::api::set_case_status;
use crate::testware::run::RunId;

/// A result to add: the case, its key, and the status.
pub type NewStatus = (CaseId, String, ResultStatus);

/// See the [module](self).
#[derive(Clone, Copy)]
pub struct ResultQueue {
    run: RunId,
    waiting: StoredValue<VecDeque<NewStatus>>,
    sending: StoredValue<bool>,
    toasts: Toasts,
    changed: Callback<()>,
}

impl ResultQueue {
    /// `changed` runs after each result.
    pub fn new(run: RunId, changed: Callback<()>) -> Self {
        let (waiting, sending) = (StoredValue::new(VecDeque::new()), StoredValue::new(false));
        Self { run, waiting, sending, toasts: use_toasts(), changed }
    }

    /// Adds a result after those that wait.
    pub fn add(self, new: NewStatus) {
        self.waiting.update_value(|waiting| waiting.push_back(new));
        if self.sending.get_value() {
            return;
        }
        self.sending.set_value(true);
        leptos::task::spawn_local(async move {
            // Nothing is left once the page is.
            while let Some((case, key, status)) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
                match set_case_status(self.run, case, status).await {
                    Ok(()) => {
                        let _ = self.changed.try_run(());
                    }
                    Err(error) => self.toasts.failed(format!("{key}: {error}")),
                }
            }
            let _ = self.sending.try_set_value(false);
        });
    }
}
