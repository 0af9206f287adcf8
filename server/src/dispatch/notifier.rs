//! Notifies the dispatcher of endpoints with due deliveries, before the next sweep finds them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use app::model::id::WebhookId;
use tokio::sync::Notify;

/// The endpoints to notify the dispatcher of. Cheap to clone.
#[derive(Clone, Default)]
pub struct DispatchNotifier {
    endpoints: Arc<Mutex<HashSet<WebhookId>>>,
    notify: Arc<Notify>,
}

impl DispatchNotifier {
    /// Notifies the dispatcher that an endpoint has something due.
    pub fn notify(&self, webhook: WebhookId) {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner).insert(webhook);
        self.notify.notify_one();
    }

    /// Takes the endpoints since the last call.
    #[must_use]
    pub fn take(&self) -> HashSet<WebhookId> {
        std::mem::take(&mut *self.endpoints.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for a notification.
    pub async fn notified(&self) {
        self.notify.notified().await;
    }
}
