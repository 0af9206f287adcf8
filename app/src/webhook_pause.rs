//! Whether all webhooks are paused, for the banner on every page and the page of the pause.

use leptos::prelude::*;

use crate::api;
use crate::live::use_refetcher;
use crate::model::live::ChangeKind;
use crate::model::webhook_pause::WebhookPause;

/// The pause, which follows live changes.
#[derive(Clone, Copy)]
pub struct PauseState {
    /// `None` until the page has arrived.
    pub pause: RwSignal<Option<WebhookPause>>,
}

impl PauseState {
    /// Reads it again when it may have changed. The banner sets the first one, which arrives with the page: a page
    /// that fetches something can't be kept in the browser's back/forward cache.
    pub fn provide() -> Self {
        let state = Self { pause: RwSignal::new(None) };
        provide_context(state);
        use_refetcher(
            |kind: &ChangeKind| matches!(kind, ChangeKind::WebhookPauseChanged),
            move || Box::pin(state.read()),
        );
        state
    }

    /// Shows a pause that was read or changed elsewhere.
    pub fn set(self, pause: WebhookPause) {
        let _ = self.pause.try_set(Some(pause));
    }

    async fn read(self) {
        if let Ok(fresh) = api::webhook_pause::read_webhook_pause().await {
            self.set(fresh);
        }
    }
}

/// The state that the frame has provided.
pub fn use_pause() -> PauseState {
    expect_context::<PauseState>()
}
