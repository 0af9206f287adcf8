//! What the webhooks share on their page: one dialog of each kind serves all of them, and a secret
//! is shown until it is dismissed.

use leptos::prelude::*;

use super::confirm::ConfirmRequest;
use super::recent_deliveries::RecentByWebhook;
use crate::layout::PendingSecrets;
use crate::model::catalog::EventType;
use crate::model::id::WebhookId;
use crate::model::integration::Integration;
use crate::model::webhook::Webhook;

#[derive(Clone, Copy)]
pub struct WebhooksPageContext {
    /// What is to be confirmed.
    pub request: RwSignal<Option<ConfirmRequest>>,
    /// Whether the dialog that confirms it is open.
    pub confirm_open: RwSignal<bool>,
    /// The webhook whose name and URL are edited, as it was when it was asked for.
    pub editing: RwSignal<Option<Webhook>>,
    /// What was made or rotated and is not dismissed yet.
    pub revealed: PendingSecrets,
    /// The integration of the project, once it was read.
    pub integration: RwSignal<Option<Integration>>,
    /// The webhook whose events are shown.
    pub shown_events: RwSignal<Option<WebhookId>>,
    /// The latest deliveries of each webhook.
    pub recent: RwSignal<RecentByWebhook>,
    /// The event that is explained.
    pub explained: RwSignal<Option<EventType>>,
}

impl WebhooksPageContext {
    /// Makes the context of a page.
    pub fn provide() -> Self {
        let context = Self {
            request: RwSignal::new(None),
            confirm_open: RwSignal::new(false),
            editing: RwSignal::new(None),
            revealed: use_context().unwrap_or_else(PendingSecrets::provide),
            integration: RwSignal::new(None),
            shown_events: RwSignal::new(None),
            recent: RwSignal::new(RecentByWebhook::new()),
            explained: RwSignal::new(None),
        };
        provide_context(context);
        context
    }

    /// Asks whether something is to be done.
    pub fn confirm(self, request: ConfirmRequest) {
        self.request.set(Some(request));
        self.confirm_open.set(true);
    }
}

/// The context of the page.
pub fn use_webhooks_page() -> WebhooksPageContext {
    use_context().unwrap_or_else(WebhooksPageContext::provide)
}
