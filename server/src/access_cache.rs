//! What nearly every request of a script reads to decide what its caller may do. It is read again after any change of this
//! process that access may depend on, after a revocation on another node, and after a second: nodes don't
//! notify each other of everything, and commands change the database too.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::model::id::{ProjectId, UserId};
use app::model::people::{Actor, Role};
use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use tokio::time::Instant;

use crate::app_state::AppState;
use crate::entity::project;

/// How long a value is used at most.
const MAX_AGE: Duration = Duration::from_secs(1);
/// The maximum number of values of one kind.
const MAX_VALUES: usize = 10_000;

/// The owner of an API token.
#[derive(Clone)]
pub struct TokenOwner {
    /// With the token as their credential.
    pub actor: Actor,
    /// When the token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its last recorded use.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What was read.
#[derive(Default)]
pub struct AccessCache {
    /// By the hash of the token.
    pub token_owners: Cached<[u8; 32], TokenOwner>,
    /// Without deleted ones.
    pub projects: Cached<ProjectId, project::Model>,
    /// Of members.
    pub roles: Cached<(ProjectId, UserId), Role>,
}

impl fmt::Debug for AccessCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessCache").finish_non_exhaustive()
    }
}

/// Values of one kind by their keys.
pub struct Cached<K, V>(Mutex<Known<K, V>>);

struct Known<K, V> {
    /// The [`Store::version`](crate::storage::Store::version) before they were read.
    version: u64,
    values: HashMap<K, (Instant, V)>,
}

impl<K, V> Default for Cached<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Known { version: 0, values: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V: Clone> Cached<K, V> {
    /// The value, read if it isn't known. A missing value is read each time.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn get(
        &self,
        state: &AppState,
        key: K,
        read: impl Future<Output = Result<Option<V>, DbErr>>,
    ) -> Result<Option<V>, DbErr> {
        let (version, now) = (state.store.version(), state.clock.instant());
        if let Some(known) = self.known(version, now, &key) {
            return Ok(Some(known));
        }
        let value = read.await?;
        if let Some(value) = &value {
            self.put(version, now, key, value.clone());
        }
        Ok(value)
    }

    fn known(&self, version: u64, now: Instant, key: &K) -> Option<V> {
        let known = self.lock();
        let (read_at, value) = known.values.get(key)?;
        (known.version == version && now.duration_since(*read_at) < MAX_AGE).then(|| value.clone())
    }

    /// `version` and `now` are from before the value was read, so that it is not newer than they say.
    fn put(&self, version: u64, now: Instant, key: K, value: V) {
        let mut known = self.lock();
        if version < known.version {
            return;
        }
        if version > known.version || known.values.len() >= MAX_VALUES {
            *known = Known { version, values: HashMap::new() };
        }
        known.values.insert(key, (now, value));
    }

    fn lock(&self) -> MutexGuard<'_, Known<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_known_until_a_change_or_for_a_second() {
        let (cached, now) = (Cached::default(), Instant::now());
        cached.put(1, now, "key", "value");
        assert_eq!(cached.known(1, now, &"key"), Some("value"));
        assert_eq!(cached.known(2, now, &"key"), None);
        assert_eq!(cached.known(1, now + MAX_AGE, &"key"), None);
    }

    #[test]
    fn what_was_read_before_a_change_does_not_replace_what_was_read_after_it() {
        let (cached, now) = (Cached::default(), Instant::now());
        cached.put(2, now, "key", "new");
        cached.put(1, now, "key", "old");
        assert_eq!(cached.known(2, now, &"key"), Some("new"));
    }

    #[test]
    fn the_number_of_values_is_bounded() {
        let (cached, now) = (Cached::default(), Instant::now());
        (0..=MAX_VALUES).for_each(|n| cached.put(1, now, n, n));
        assert_eq!(cached.lock().values.len(), 1);
    }
}
