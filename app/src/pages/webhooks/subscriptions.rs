//! The subscriptions of a webhook: a box that is switched is saved at once. Only what was switched
//! is sent, so that it takes back nothing that somebody else switches in the same moment.

use std::time::Duration;

use leptos::prelude::*;

use super::picker::Picker;
use super::switches::Switches;
use crate::api::webhooks::{read_webhook, update_webhook};
use crate::model::catalog::EventType;
use crate::model::id::WebhookId;
use crate::model::webhook::{UpdateWebhook, Webhook};

const SHOWN: Duration = Duration::from_millis(1800);

#[derive(Clone, Copy)]
struct State {
    webhook: Signal<Webhook>,
    changed: Callback<Webhook>,
    switches: RwSignal<Switches>,
    saved: RwSignal<Vec<EventType>>,
    /// How often it was saved: what an earlier time takes away in the end is not a later one's.
    times: StoredValue<u32>,
    error: RwSignal<Option<String>>,
}

/// See the [module](self).
#[component]
pub fn Subscriptions(
    webhook: Signal<Webhook>,
    /// Told what the webhook has become.
    changed: Callback<Webhook>,
) -> impl IntoView {
    let state = State {
        webhook,
        changed,
        switches: RwSignal::new(Switches::default()),
        saved: RwSignal::new(Vec::new()),
        times: StoredValue::new(0),
        error: RwSignal::new(None),
    };
    let chosen =
        Memo::new(move |_| webhook.with(|webhook| state.switches.with(|switches| switches.over(&webhook.events))));
    let set = move |(events, on): (Vec<EventType>, bool)| {
        state.error.set(None);
        let request = state.switches.try_update(|switches| {
            switches.switch(&events, on);
            switches.send()
        });
        if let Some(request) = request.flatten() {
            leptos::task::spawn_local(save(state, request));
        }
    };
    let said = move || if state.saved.get().is_empty() { "" } else { "Saved" };
    view! {
        <Picker chosen set saved=state.saved/>
        <p class="visually-hidden" role="status">{said}</p>
        <p class="bad-text" role="alert">{move || state.error.get()}</p>
    }
}

/// Saves until nothing that was switched is left, or the card has gone.
async fn save(state: State, mut request: UpdateWebhook) {
    while let Some((id, before)) = state.stored() {
        let answer = update_webhook(id, request).await;
        let Some((_, now)) = state.stored() else { return };
        match answer {
            Ok(webhook) => {
                state.confirm(&before, &webhook.events);
                // What somebody else did meanwhile shows already: the answer may be older than that.
                let latest = if now == before { Ok(webhook) } else { read_webhook(id).await };
                if let Ok(latest) = latest {
                    state.changed.run(latest);
                }
            }
            Err(error) => {
                let _ = state.error.try_set(Some(format!("Not saved: {error}")));
            }
        }
        let next = state.switches.try_update(|switches| {
            switches.answered();
            switches.send()
        });
        let Some(next) = next.flatten() else { return };
        request = next;
    }
}

impl State {
    /// Which webhook it is, and what is known to be stored; nothing once the card has gone.
    fn stored(self) -> Option<(WebhookId, Vec<EventType>)> {
        self.webhook.try_with_untracked(|webhook| (webhook.id, webhook.events.clone()))
    }

    /// Marks for a while what the request under way has changed.
    fn confirm(self, before: &[EventType], after: &[EventType]) {
        let saved = self.switches.try_with_untracked(|switches| {
            let changed = |event: &EventType| switches.sends(*event) && before.contains(event) != after.contains(event);
            EventType::ALL.iter().copied().filter(changed).collect()
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
            SHOWN,
        );
    }
}
