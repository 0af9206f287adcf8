//! The subscriptions of a webhook. A toggled checkbox is saved at once. Only the toggles are sent,
//! so that changes of other users at the same time are kept.

use std::time::Duration;

use leptos::prelude::*;

use super::event_picker::{EventPicker, ToggleEvent};
use super::pending_toggles::PendingToggles;
use crate::api::webhooks::{read_webhook, update_webhook};
use crate::components::dynamic::dynamic;
use crate::model::catalog::subscription::{self, Subscription};
use crate::model::id::WebhookId;
use crate::model::webhook::{UpdateWebhook, Webhook};

/// How long a check mark shows that a toggle is saved.
const CHECK_MARK_TIMEOUT: Duration = Duration::from_millis(1800);

#[derive(Clone, Copy)]
struct SubscriptionsState {
    webhook: Signal<Webhook>,
    changed: Callback<Webhook>,
    pending_toggles: RwSignal<PendingToggles>,
    saved: RwSignal<Vec<Subscription>>,
    /// The number of saves, so that the end of an earlier timer doesn't hide a later check mark.
    times: StoredValue<u32>,
    error: RwSignal<Option<String>>,
}

#[component]
pub fn Subscriptions(
    webhook: Signal<Webhook>,
    /// Called with the changed webhook.
    changed: Callback<Webhook>,
) -> impl IntoView {
    let state = SubscriptionsState {
        webhook,
        changed,
        pending_toggles: RwSignal::new(PendingToggles::default()),
        saved: RwSignal::new(Vec::new()),
        times: StoredValue::new(0),
        error: RwSignal::new(None),
    };
    let selected = Memo::new(move |_| {
        webhook.with(|webhook| state.pending_toggles.with(|pending_toggles| pending_toggles.apply_to(&webhook.events)))
    });
    let set = move |(events, on): ToggleEvent| {
        state.error.set(None);
        let request = state.pending_toggles.try_update(|pending_toggles| {
            pending_toggles.toggle(&events, on);
            pending_toggles.next_request()
        });
        if let Some(request) = request.flatten() {
            leptos::task::spawn_local(save(state, request));
        }
    };
    let announcement = move || if state.saved.get().is_empty() { "" } else { "Saved" };
    view! {
        <EventPicker selected set saved=state.saved none="No events selected. Nothing is sent."/>
        <p class="visually-hidden" role="status">{announcement}</p>
        <p class="bad-text" role="alert">{dynamic(move || state.error.get())}</p>
    }
}

/// Saves until no toggle is left, or the row has gone.
async fn save(state: SubscriptionsState, mut request: UpdateWebhook) {
    while let Some((id, before)) = state.stored() {
        let answer = update_webhook(id, request).await;
        let Some((_, now)) = state.stored() else { return };
        match answer {
            Ok(webhook) => {
                state.confirm(&before, &webhook.events);
                // Changes of other users are shown already, and the response may be older.
                let latest = if now == before { Ok(webhook) } else { read_webhook(id).await };
                if let Ok(latest) = latest {
                    state.changed.try_run(latest);
                }
            }
            Err(error) => {
                let _ = state.error.try_set(Some(format!("Not saved: {error}")));
            }
        }
        let next = state.pending_toggles.try_update(|pending_toggles| {
            pending_toggles.finish_request();
            pending_toggles.next_request()
        });
        let Some(next) = next.flatten() else { return };
        request = next;
    }
}

impl SubscriptionsState {
    /// The webhook's ID and its stored subscriptions; `None` after the row has gone.
    fn stored(self) -> Option<(WebhookId, Vec<Subscription>)> {
        self.webhook.try_with_untracked(|webhook| (webhook.id, webhook.events.clone()))
    }

    /// Shows check marks for the saved subscriptions for a while.
    fn confirm(self, before: &[Subscription], after: &[Subscription]) {
        let saved = self.pending_toggles.try_with_untracked(|pending_toggles| {
            let changed = |entry: &Subscription| {
                let included = |list| subscription::includes(list, *entry);
                pending_toggles.in_flight(*entry) && included(before) != included(after)
            };
            Subscription::values().filter(changed).collect()
        });
        let _ = self.saved.try_set(saved.unwrap_or_default());
        let Some(time) = self.times.try_get_value().map(|times| times.wrapping_add(1)) else { return };
        self.times.set_value(time);
        set_timeout(
            move || {
                if self.times.try_get_value() == Some(time) {
                    let _ = self.saved.try_set(Vec::new());
                }
            },
            CHECK_MARK_TIMEOUT,
        );
    }
}
