//! The shared state of the Webhooks page: one dialog of each kind, and new secrets until they are
//! dismissed.

use leptos::prelude::*;

use super::confirm::ConfirmRequest;
use super::recent_deliveries::RecentByWebhook;
use super::send_test::SendTest;
use crate::layout::PendingSecrets;
use crate::model::catalog::EventType;
use crate::model::id::WebhookId;
use crate::model::integration::Integration;
use crate::model::range_replay::ReplaySource;
use crate::model::webhook::Webhook;

#[derive(Clone, Copy)]
pub struct WebhooksPageContext {
    /// The action to confirm.
    pub request: RwSignal<Option<ConfirmRequest>>,
    /// Whether the confirmation dialog is open.
    pub confirm_open: RwSignal<bool>,
    /// The webhook in the edit dialog, as it was when the dialog opened.
    pub editing: RwSignal<Option<Webhook>>,
    /// The webhook whose destination is changed.
    pub moving: RwSignal<Option<Webhook>>,
    /// The webhook whose projects are changed.
    pub scoping: RwSignal<Option<Webhook>>,
    /// The webhook whose signing is changed.
    pub signing: RwSignal<Option<Webhook>>,
    /// The webhook that a sample is sent to, with its test.
    pub sampling: RwSignal<Option<(Webhook, SendTest)>>,
    /// The webhook that replays a range of time, and what is selected at first.
    pub replaying: RwSignal<Option<(Webhook, ReplaySource)>>,
    /// New secrets that are not dismissed yet.
    pub revealed: PendingSecrets,
    /// The project's integration, once loaded.
    pub integration: RwSignal<Option<Integration>>,
    /// The webhook whose events are shown.
    pub shown_events: RwSignal<Option<WebhookId>>,
    /// The latest deliveries of each webhook.
    pub recent: RwSignal<RecentByWebhook>,
    /// The event in the explanation dialog.
    pub explained: RwSignal<Option<EventType>>,
}

impl WebhooksPageContext {
    /// Makes the context of a page.
    pub fn provide() -> Self {
        let context = Self {
            request: RwSignal::new(None),
            confirm_open: RwSignal::new(false),
            editing: RwSignal::new(None),
            moving: RwSignal::new(None),
            scoping: RwSignal::new(None),
            signing: RwSignal::new(None),
            sampling: RwSignal::new(None),
            replaying: RwSignal::new(None),
            revealed: use_context().unwrap_or_else(PendingSecrets::provide),
            integration: RwSignal::new(None),
            shown_events: RwSignal::new(None),
            recent: RwSignal::new(RecentByWebhook::new()),
            explained: RwSignal::new(None),
        };
        provide_context(context);
        context
    }

    /// Opens the confirmation of an action.
    pub fn confirm(self, request: ConfirmRequest) {
        self.request.set(Some(request));
        self.confirm_open.set(true);
    }
}

/// The context of the page.
pub fn use_webhooks_page() -> WebhooksPageContext {
    use_context().unwrap_or_else(WebhooksPageContext::provide)
}
