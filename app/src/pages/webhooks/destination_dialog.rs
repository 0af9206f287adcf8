//! The form to change where an outbound webhook sends to.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::destination_fields::DestinationFields;
use crate::api::webhooks::ChangeDestination;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::Submit;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::model::webhook::{CreatedWebhook, Webhook};

#[component]
pub fn DestinationDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (context, toasts) = (use_webhooks_page(), use_toasts());
    let (moving, kind) = (context.moving, RwSignal::new(None));
    let change = PageAction::<ChangeDestination>::new();
    let error = change.error();
    change.on_success(move |result: CreatedWebhook| {
        changed.run(result.webhook.clone());
        moving.set(None);
        if result.reveal.is_some() {
            context.revealed.add(result);
        } else {
            toasts.done("Destination changed");
        }
    });
    // Clear the error of the previous webhook.
    Effect::new(move |_| {
        if moving.with(Option::is_some) {
            change.clear();
        }
    });
    let content = move || {
        moving.get().map(|webhook| {
            view! {
                <p class="hint">{format!("\"{}\" currently sends to {} ({}). Pending deliveries go to the new URL.", webhook.name, webhook.url, webhook.kind.label())}</p>
                <input type="hidden" name="id" value=webhook.id.to_string()/>
                <DestinationFields kind allow_insecure=webhook.allow_insecure error/>
            }
        })
    };
    view! {
        <Dialog
            open=Signal::derive(move || moving.with(Option::is_some))
            title="Change destination"
            wide=true
            on_close=move |()| moving.set(None)
        >
            <PageForm action=change>
                <FormError error/>
                {dynamic(content)}
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| moving.set(None)>"Cancel"</button>
                    <Submit pending=change.pending() reveals=true>"Change destination"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}
