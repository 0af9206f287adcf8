//! Selects the event whose sample is sent as a test.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::field::SelectField;
use crate::model::catalog::EventType;
use crate::model::webhook::Webhook;

#[component]
pub fn SampleDialog() -> impl IntoView {
    let sampling = use_webhooks_page().sampling;
    let selected = RwSignal::new(None::<EventType>);
    Effect::new(move |_| selected.set(sampling.with(|request| subscribed(&request.as_ref()?.0).next())));
    let send = move |_| {
        if let (Some((_, test)), Some(event)) = (sampling.get_untracked(), selected.get_untracked()) {
            test.send(Some(event));
            sampling.set(None);
        }
    };
    let content = move || {
        sampling.get().map(|(webhook, _)| {
            let options: Vec<_> = subscribed(&webhook).map(|event| (event.to_string(), event.headline())).collect();
            let first = options.first().map(|(value, _)| value.clone()).unwrap_or_default();
            view! {
                <div on:change=move |event| selected.set(event_target_value(&event).parse().ok())>
                    <SelectField name="event" label="Event" options value=first hint="Its data is fictional and marked as a test. The bytes are the same each time."/>
                </div>
            }
        })
    };
    view! {
        <Dialog
            open=Signal::derive(move || sampling.with(Option::is_some))
            title="Send sample event"
            on_close=move |()| sampling.set(None)
        >
            {dynamic(content)}
            <div class="actions">
                <button type="button" class="button" on:click=move |_| sampling.set(None)>"Cancel"</button>
                <button type="button" class="button primary" on:click=send>"Send sample"</button>
            </div>
        </Dialog>
    }
}

/// The events that the webhook subscribes to, other than custom ones.
fn subscribed(webhook: &Webhook) -> impl Iterator<Item = EventType> {
    let events = webhook.events.clone();
    EventType::ALL.iter().copied().filter(move |event| events.iter().any(|entry| entry.matches(*event)))
}
