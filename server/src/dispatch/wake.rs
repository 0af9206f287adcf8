//! How the dispatcher learns that an endpoint has something due, before its next round would
//! find out by itself.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use app::model::id::WebhookId;
use tokio::sync::Notify;

/// A set of endpoints and a bell. Cheap to clone.
#[derive(Clone, Default)]
pub struct Wake {
    endpoints: Arc<Mutex<HashSet<WebhookId>>>,
    bell: Arc<Notify>,
}

impl Wake {
    /// Says that an endpoint has something due.
    pub fn endpoint(&self, webhook: WebhookId) {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook);
        self.bell.notify_one();
    }

    /// Takes what has been said since the last call.
    #[must_use]
    pub fn take(&self) -> HashSet<WebhookId> {
        std::mem::take(&mut *self.endpoints.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something is said.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }
}
