//! The form to change how a generic endpoint recognizes Testbell.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::signing_fields::signing_fields;
use crate::api::webhooks::ChangeSigning;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::Submit;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::model::webhook::{CreatedWebhook, Webhook};

#[component]
pub fn SigningDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (context, toasts) = (use_webhooks_page(), use_toasts());
    let signing = context.signing;
    let change = PageAction::<ChangeSigning>::new();
    let error = change.error();
    change.on_success(move |result: CreatedWebhook| {
        changed.run(result.webhook.clone());
        signing.set(None);
        if result.reveal.is_some() {
            context.revealed.add(result);
        } else {
            toasts.done("Signing changed");
        }
    });
    // Clear the error of the previous webhook.
    Effect::new(move |_| {
        if signing.with(Option::is_some) {
            change.clear();
        }
    });
    let content = move || {
        signing.get().map(|webhook| {
            let current = webhook.signing.unwrap_or_default();
            let scheme = current.scheme;
            view! {
                <p class="hint">{format!("Queued deliveries of \"{}\" are signed in the new way, too.", webhook.name)}</p>
                <input type="hidden" name="id" value=webhook.id.to_string()/>
                {signing_fields(current, Some(scheme), error)}
                <p class="hint">"Another scheme needs another secret, and the current one stops immediately. You can replay deliveries that the endpoint refuses until it knows the new one."</p>
            }
        })
    };
    view! {
        <Dialog
            open=Signal::derive(move || signing.with(Option::is_some))
            title="Change signing"
            wide=true
            on_close=move |()| signing.set(None)
        >
            <PageForm action=change>
                <FormError error/>
                {dynamic(content)}
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| signing.set(None)>"Cancel"</button>
                    <Submit pending=change.pending() reveals=true>"Change signing"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}
