//! Gathers what changes within a moment, so that a burst of changes costs one reading.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::prelude::*;

/// Long enough for the changes of one transaction, too short to be felt.
const MOMENT: Duration = Duration::from_millis(120);

/// See the [module](self).
pub struct Gather<K: 'static> {
    waiting: StoredValue<BTreeSet<K>>,
    then: Callback<Vec<K>>,
}

impl<K> Clone for Gather<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Gather<K> {}

impl<K: Ord + Send + Sync + 'static> Gather<K> {
    /// Gathers, and hands over what it has after a moment.
    pub fn new(then: impl Fn(Vec<K>) + Send + Sync + 'static) -> Self {
        Self { waiting: StoredValue::new(BTreeSet::new()), then: Callback::new(then) }
    }

    /// Adds one.
    pub fn add(self, key: K) {
        let first = self.waiting.try_update_value(|waiting| {
            waiting.insert(key);
            waiting.len() == 1
        });
        if first == Some(true) {
            set_timeout(
                move || {
                    // The page may have been left in the meantime.
                    if let Some(keys) = self.waiting.try_update_value(std::mem::take) {
                        self.then.run(keys.into_iter().collect());
                    }
                },
                MOMENT,
            );
        }
    }
}
