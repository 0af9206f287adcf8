//! Collects the changes of a short window, so that a burst of changes causes one request.

use std::time::Duration;

use leptos::prelude::*;

/// Long enough for the changes of one transaction, too short to be noticed.
const CHANGE_COALESCE_WINDOW: Duration = Duration::from_millis(120);

/// Collects keys for a short window.
pub struct Coalescer<K: 'static> {
    waiting: StoredValue<Vec<K>>,
    then: Callback<Vec<K>>,
}

impl<K> Clone for Coalescer<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Coalescer<K> {}

impl<K: PartialEq + Send + Sync + 'static> Coalescer<K> {
    /// Calls `then` with the collected keys at the end of each window.
    pub fn new(then: impl Fn(Vec<K>) + Send + Sync + 'static) -> Self {
        Self { waiting: StoredValue::new(Vec::new()), then: Callback::new(then) }
    }

    /// Adds a key.
    pub fn add(self, key: K) {
        let first = self.waiting.try_update_value(|waiting| {
            // A few keys at most: a set would bring much more code.
            if !waiting.contains(&key) {
                waiting.push(key);
            }
            waiting.len() == 1
        });
        if first == Some(true) {
            set_timeout(
                move || {
                    // The page may have been left.
                    if let Some(keys) = self.waiting.try_update_value(std::mem::take) {
                        self.then.try_run(keys);
                    }
                },
                CHANGE_COALESCE_WINDOW,
            );
        }
    }
}
