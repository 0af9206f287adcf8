//! The number of unread notifications, for the navigation and the page of notifications.

use leptos::prelude::*;

use crate::api;
use crate::live::use_refetcher;
use crate::model::live::ChangeKind;

/// The number, which follows the live changes of the project that is shown, and outside of projects those of all.
#[derive(Clone, Copy)]
pub struct Unread {
    /// At most [`MAX_UNREAD`](crate::model::notification::MAX_UNREAD).
    pub count: RwSignal<u32>,
}

impl Unread {
    /// Reads it again when there are new notifications. The navigation sets the first number, which arrives with
    /// the page: a page that fetches something can't be kept in the browser's back/forward cache.
    pub fn provide() -> Self {
        let unread = Self { count: RwSignal::new(0) };
        provide_context(unread);
        use_refetcher(
            |kind: &ChangeKind| matches!(kind, ChangeKind::NotificationsChanged),
            move || Box::pin(unread.read()),
        );
        unread
    }

    /// Reads it again.
    pub fn refetch(self) {
        leptos::task::spawn_local(self.read());
    }

    async fn read(self) {
        if let Ok(fresh) = api::notifications::read_unread().await {
            let _ = self.count.try_set(fresh.unread);
        }
    }
}

/// The number that the frame has provided.
pub fn use_unread() -> Unread {
    expect_context::<Unread>()
}
