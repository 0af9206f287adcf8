//! The imports that this node runs, with their progress.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use app::imports::ImportId;
use tokio_util::task::TaskTracker;

/// Cheap to clone.
#[derive(Clone, Default)]
pub struct RunningImports {
    pub(super) tasks: TaskTracker,
    done: Arc<Mutex<HashMap<ImportId, Arc<AtomicU32>>>>,
}

/// One import, until it is dropped.
pub struct RunningImport {
    id: ImportId,
    done: Arc<AtomicU32>,
    all: RunningImports,
}

impl RunningImports {
    /// Adds an import.
    pub(super) fn add(&self, id: ImportId) -> RunningImport {
        let done = Arc::new(AtomicU32::new(0));
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&done));
        RunningImport { id, done, all: self.clone() }
    }

    /// How many cases an import has written; 0 if another node runs it.
    pub(super) fn done(&self, id: ImportId) -> u32 {
        let all = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&id).map_or(0, |done| done.load(Ordering::Relaxed))
    }

    /// The imports that this node runs.
    pub(super) fn ids(&self) -> Vec<ImportId> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }
}

impl RunningImport {
    /// How many cases it has written.
    pub fn done(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.done)
    }
}

impl Drop for RunningImport {
    fn drop(&mut self) {
        self.all.done.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}
