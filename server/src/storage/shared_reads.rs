//! What the changes of a group read once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;

/// What the changes of a group have read that none of them writes.
#[derive(Default)]
pub struct SharedReads(Mutex<Extensions>);

/// The values of one type.
type Known<K, V> = Arc<Mutex<HashMap<K, Arc<V>>>>;

impl SharedReads {
    pub(super) fn get<K: Eq + Hash + Send + 'static, V: Send + Sync + 'static>(&self, key: &K) -> Option<Arc<V>> {
        let known = self.lock().get::<Known<K, V>>()?.clone();
        known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(super) fn put<K: Eq + Hash + Send + 'static, V: Send + Sync + 'static>(&self, key: K, value: Arc<V>) {
        let known = self.lock().get_or_insert_default::<Known<K, V>>().clone();
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Extensions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
