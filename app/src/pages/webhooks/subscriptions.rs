//! The subscriptions of a webhook: a box that is switched is saved at once. One request is under
//! way at a time, always with the whole latest list, so that quick clicks cannot overtake each other.

use std::time::Duration;

use leptos::prelude::*;

use super::picker::Picker;
use crate::api;
use crate::model::catalog::EventType;
use crate::model::id::WebhookId;
use crate::model::webhook::{UpdateWebhook, Webhook};

const SHOWN: Duration = Duration::from_millis(1800);

#[derive(Clone, Copy)]
struct State {
    id: WebhookId,
    /// What the boxes show.
    chosen: RwSignal<Vec<EventType>>,
    /// What the server has.
    stored: StoredValue<Vec<EventType>>,
    under_way: StoredValue<bool>,
    saved: RwSignal<Vec<EventType>>,
    error: RwSignal<Option<String>>,
}

/// See the [module](self).
#[component]
pub fn Subscriptions(webhook: Signal<Webhook>) -> impl IntoView {
    let (id, events) = webhook.with_untracked(|webhook| (webhook.id, webhook.events.clone()));
    let state = State {
        id,
        chosen: RwSignal::new(events.clone()),
        stored: StoredValue::new(events),
        under_way: StoredValue::new(false),
        saved: RwSignal::new(Vec::new()),
        error: RwSignal::new(None),
    };
    // Somebody else may have changed them.
    Effect::new(move |_| {
        let events = webhook.with(|webhook| webhook.events.clone());
        if !state.under_way.get_value() {
            state.stored.set_value(events.clone());
            if state.chosen.get_untracked() != events {
                state.chosen.set(events);
            }
        }
    });
    let set = move |(events, on): (Vec<EventType>, bool)| {
        state.chosen.update(|chosen| {
            chosen.retain(|event| !events.contains(event));
            if on {
                chosen.extend(&events);
            }
            chosen.sort_unstable();
        });
        state.error.set(None);
        if !state.under_way.get_value() {
            leptos::task::spawn_local(save(state));
        }
    };
    let said = move || if state.saved.get().is_empty() { "" } else { "Saved" };
    view! {
        <Picker chosen=state.chosen set saved=state.saved/>
        <p class="visually-hidden" role="status">{said}</p>
        <p class="bad-text" role="alert">{move || state.error.get()}</p>
    }
}

/// Saves until the server has what the boxes show. A failure puts them back.
async fn save(state: State) {
    state.under_way.set_value(true);
    // The card may go while a request is under way.
    while let Some(wanted) = state.chosen.try_get_untracked() {
        let Some(stored) = state.stored.try_get_value() else { return };
        if same(&wanted, &stored) {
            break;
        }
        let change = UpdateWebhook { events: Some(wanted), ..UpdateWebhook::default() };
        match api::webhooks::update_webhook(state.id, change).await {
            Ok(webhook) => {
                let differs = |event: &EventType| stored.contains(event) != webhook.events.contains(event);
                let _ = state.saved.try_set(EventType::ALL.iter().copied().filter(differs).collect());
                let _ = state.stored.try_update_value(|stored| stored.clone_from(&webhook.events));
                set_timeout(
                    move || {
                        let _ = state.saved.try_set(Vec::new());
                    },
                    SHOWN,
                );
            }
            Err(error) => {
                let _ = state.error.try_set(Some(format!("Not saved: {error}")));
                let _ = state.chosen.try_set(stored);
            }
        }
    }
    let _ = state.under_way.try_set_value(false);
}

fn same(one: &[EventType], other: &[EventType]) -> bool {
    EventType::ALL.iter().all(|event| one.contains(event) == other.contains(event))
}
