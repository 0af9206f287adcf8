//! Notifies the dispatcher of endpoints with due deliveries, before the next sweep finds them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::model::id::WebhookId;
use tokio::sync::Notify;

use super::activity::{Activity, WorkGuard};

/// The endpoints to notify the dispatcher of. Cheap to clone.
#[derive(Clone, Default)]
pub struct DispatchNotifier {
    due: Arc<Mutex<Due>>,
    notify: Arc<Notify>,
    activity: Activity,
}

#[derive(Default)]
struct Due {
    endpoints: HashSet<WebhookId>,
    /// While there are any.
    work: Option<WorkGuard>,
}

impl DispatchNotifier {
    /// Notifies the dispatcher that an endpoint has something due.
    pub fn notify(&self, webhook: WebhookId) {
        let mut due = self.lock();
        due.endpoints.insert(webhook);
        due.work.get_or_insert_with(|| self.activity.start_running());
        drop(due);
        self.notify.notify_one();
    }

    /// Takes the endpoints since the last call.
    #[must_use]
    pub fn take(&self) -> HashSet<WebhookId> {
        std::mem::take(&mut *self.lock()).endpoints
    }

    /// Waits for a notification.
    pub async fn notified(&self) {
        self.notify.notified().await;
    }

    /// What the dispatcher is doing.
    #[must_use]
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    fn lock(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
