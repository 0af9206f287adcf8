//! The events of a webhook: admins edit them, members read them. One dialog serves all rows.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::event_picker::{about_button, wildcard_label};
use super::subscriptions::Subscriptions;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::live::Rows;
use crate::model::catalog::Subscription;
use crate::model::id::WebhookId;
use crate::model::webhook::Webhook;

#[component]
pub fn EventsDialog(
    rows: Rows<WebhookId, Webhook>,
    /// Called with the changed webhook; `None` for a member.
    changed: Option<Callback<Webhook>>,
) -> impl IntoView {
    let shown = use_webhooks_page().shown_events;
    let webhook = move || {
        let id = shown.get()?;
        rows.get().into_iter().find(|row| row.id == id).map(|row| Signal::<Webhook>::from(row.value))
    };
    // The dialog keeps its webhook when others are added or deleted.
    let open = Memo::new(move |_| shown.get().is_some_and(|id| rows.contains(id)));
    let title = move || {
        let name = webhook().map(|webhook| webhook.with(|webhook| webhook.name.clone()));
        name.map_or_else(|| "Events".to_owned(), |name| format!("Events of {name}"))
    };
    let content = move || {
        let webhook = untrack(webhook)?;
        Some(match changed {
            Some(changed) => view! { <Subscriptions webhook changed/> }.into_any(),
            None => view! { {dynamic(move || webhook.with(|webhook| subscribed(&webhook.events)))} }.into_any(),
        })
    };
    view! {
        <Dialog open title=Signal::derive(title) wide=true on_close=move |()| shown.set(None)>
            {dynamic(content)}
            <div class="actions">
                <button type="button" class="button primary" on:click=move |_| shown.set(None)>"Done"</button>
            </div>
        </Dialog>
    }
}

fn subscribed(events: &[Subscription]) -> AnyView {
    if events.is_empty() {
        return view! { <p class="hint">"No events selected. Nothing is sent."</p> }.into_any();
    }
    let items = events.iter().map(|&entry| item(entry)).collect_view();
    view! { <ul class="subscribed" aria-label="Subscribed events">{items}</ul> }.into_any()
}

fn item(entry: Subscription) -> AnyView {
    match entry {
        Subscription::Event(event) => {
            view! { <li><code>{event.to_string()}</code>{about_button(event)}</li> }.into_any()
        }
        wildcard => view! { <li>{wildcard_label(wildcard)}</li> }.into_any(),
    }
}
