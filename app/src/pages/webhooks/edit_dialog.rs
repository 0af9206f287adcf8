//! The form to change the name, URL, policy, conditions, body and headers of an outbound webhook. Its secret stays.
//! It sends what it showed at first, too, so that only what was edited is changed.

use leptos::prelude::*;

use super::condition_fields::{TriedOn, condition_fields};
use super::context::use_webhooks_page;
use super::header_fields::header_fields;
use super::insecure_field::insecure_field;
use super::policy_fields::policy_fields;
use super::template_fields::template_fields;
use crate::api::webhooks::EditWebhook;
use crate::components::dialog::Dialog;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::{Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::model::body_template::{BodyTemplate, TemplateContentType};
use crate::model::delivery_policy::PolicyChange;
use crate::model::webhook::{UpdateWebhook, Webhook};

#[component]
pub fn EditDialog(
    /// Called with the changed webhook.
    #[prop(into)]
    changed: Callback<Webhook>,
) -> impl IntoView {
    let (editing, toasts) = (use_webhooks_page().editing, use_toasts());
    let edit = PageAction::<EditWebhook>::new();
    let error = edit.error();
    edit.on_success(move |webhook| {
        changed.run(webhook);
        editing.set(None);
        toasts.done("Webhook saved");
    });
    // Clear the error of the previous webhook.
    Effect::new(move |_| {
        if editing.with(Option::is_some) {
            edit.clear();
        }
    });
    let fields = move || editing.get_untracked().map(|webhook| fields(webhook, error));
    view! {
        <Dialog
            open=Signal::derive(move || editing.with(Option::is_some))
            title="Edit webhook"
            wide=true
            on_close=move |()| editing.set(None)
        >
            <PageForm action=edit>
                <FormError error/>
                {dynamic(fields)}
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| editing.set(None)>"Cancel"</button>
                    <Submit pending=edit.pending()>"Save changes"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}

/// What the form shows at first, as the change that would set it.
fn initial(webhook: &Webhook) -> UpdateWebhook {
    let no_template = || BodyTemplate { text: String::new(), content_type: TemplateContentType::Json };
    UpdateWebhook {
        name: Some(webhook.name.clone()),
        url: Some(webhook.url.clone()),
        policy: webhook.policy.clone().map(PolicyChange::from).unwrap_or_default(),
        custom_headers: Some(webhook.custom_headers.clone()),
        conditions: Some(webhook.conditions.clone()),
        body_template: Some(webhook.body_template.clone().unwrap_or_else(no_template)),
        allow_insecure: Some(webhook.allow_insecure),
        ..UpdateWebhook::default()
    }
}

fn fields(webhook: Webhook, error: Signal<Option<Error>>) -> AnyView {
    let kind = webhook.kind.destination();
    let url_is_credential = kind.is_some_and(|kind| kind.spec().url_is_credential);
    let takes_headers = kind.is_some_and(|kind| kind.spec().reserved_headers.is_some());
    let takes_template = kind.is_some_and(|kind| kind.spec().takes_template);
    let initial = serde_json::to_string(&initial(&webhook)).unwrap_or_default();
    let tried_on = Signal::stored(Some(TriedOn::of_webhook(&webhook)));
    let (project, events) = (Signal::stored(Some(webhook.project_id)), Signal::stored(webhook.events));
    let typed = RwSignal::new(webhook.url.clone());
    let hint = match webhook.url.contains('•') {
        true => "Pending deliveries go to the new URL, too. Leave the URL unchanged to keep its hidden parts.",
        false => "Pending deliveries go to the new URL, too. A secret stays the same.",
    };
    view! {
        <input type="hidden" name="id" value=webhook.id.to_string()/>
        <input type="hidden" name="initial" value=initial/>
        <TextField name="name" label="Name" value=webhook.name required=true autofocus=true error/>
        {if url_is_credential {
            view! { <p class="hint">"The URL is the credential. To replace it, select Change destination in the menu."</p> }.into_any()
        } else {
            view! {
                <div on:input=move |event| typed.set(event_target_value(&event))>
                    <TextField name="url" label="URL" kind="url" value=webhook.url hint required=true mono=true error/>
                </div>
            }
            .into_any()
        }}
        {insecure_field(typed.into(), Signal::stored(kind), webhook.allow_insecure, error)}
        {condition_fields(tried_on, webhook.conditions, events, error)}
        {takes_template.then(|| template_fields(project, webhook.body_template, events, error))}
        {webhook.policy.map(|policy| policy_fields(policy, error))}
        {takes_headers.then(|| header_fields(webhook.custom_headers, error))}
    }
    .into_any()
}
