//! The form that renames an outbound webhook or gives it another URL. Its secret stays.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::desk::use_desk;
use crate::api::webhooks::EditWebhook;
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::model::webhook::{Webhook, WebhookKind};

/// See the [module](self).
#[component]
pub fn EditDialog(
    /// Told what the webhook has become.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (editing, toasts) = (use_desk().editing, use_toasts());
    let edit = ServerAction::<EditWebhook>::new();
    let error = failure(edit);
    on_success(edit, move |webhook| {
        changed.run(webhook);
        editing.set(None);
        toasts.done("The webhook was saved");
    });
    // What was wrong with one is not said of the next.
    Effect::new(move |_| {
        if editing.with(Option::is_some) {
            edit.clear();
        }
    });
    let fields = move || editing.get_untracked().map(|webhook| fields(webhook, error));
    view! {
        <Dialog
            open=Signal::derive(move || editing.with(Option::is_some))
            title="Edit the webhook"
            on_close=move |()| editing.set(None)
        >
            <ActionForm action=edit attr:class="form">
                <FormError error/>
                {fields}
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| editing.set(None)>"Cancel"</button>
                    <Submit pending=edit.pending()>"Save"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}

fn fields(webhook: Webhook, error: Signal<Option<Error>>) -> AnyView {
    let slack = webhook.kind == WebhookKind::Slack;
    let hint = match webhook.url.contains('•') {
        true => "What is covered by dots is kept for as long as you leave the URL as it is. The secret stays the same.",
        false => "What is sent from now on goes there. The secret stays the same.",
    };
    view! {
        <input type="hidden" name="id" value=webhook.id.to_string()/>
        <TextField name="name" label="Name" value=webhook.name required=true autofocus=true error/>
        {if slack {
            view! { <p class="hint">"The URL is the credential: for another one, delete this webhook and add it again."</p> }.into_any()
        } else {
            view! { <TextField name="url" label="URL" kind="url" value=webhook.url hint required=true mono=true error/> }.into_any()
        }}
    }
    .into_any()
}
