//! `/admin/settings`: the settings of the instance, for system admins.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::api::history::{ClearAllHistory, SetRetention, SetWebhookLimit, read_instance_settings};
use crate::components::dynamic::{awaited, dynamic};
use crate::components::failure::{FormError, PageError};
use crate::components::field::{SelectField, Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::components::skeleton::Skeleton;
use crate::components::toast::use_toasts;
use crate::components::typed_confirm::{TypedConfirm, TypedConfirmText};
use crate::model::history::{
    CLEAR_ALL_CONFIRMATION, ExportFormat, InstanceSettings as Values, OutboundProxySettings, RETENTION_CHOICES,
};
use crate::page_resource::PageResource;
use crate::pages::settings_changes::SettingsChanges;

#[component]
pub fn InstanceSettings() -> impl IntoView {
    let settings = PageResource::new(|| (), |()| read_instance_settings());
    let changes = SettingsChanges::follow(read_instance_settings, move || settings.refetch());
    view! {
        <Title text="Workspace settings"/>
        <header class="page-head"><div><h1>"Settings"</h1></div></header>
        {changes.note()}
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match settings.await {
                    Ok(values) => view! { <Settings values changes/> }.into_any(),
                    Err(error) => view! { <PageError error what="settings" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Settings(values: Values, changes: SettingsChanges<Values>) -> impl IntoView {
    let forms = [NodeRef::new(), NodeRef::new()];
    forms.into_iter().for_each(|form| changes.reset(form));
    changes.shows(values.clone());
    let toasts = use_toasts();
    let (save, clear) = (PageAction::<SetRetention>::new(), PageAction::<ClearAllHistory>::new());
    let limit = PageAction::<SetWebhookLimit>::new();
    let (error, limit_error) = (save.error(), limit.error());
    let open = RwSignal::new(false);
    let stored_days = RwSignal::new(values.retention_days);
    let saved = move |form, values: Values| {
        toasts.done("Settings saved");
        stored_days.set(values.retention_days);
        changes.saved(form, values);
    };
    save.on_success(move |values| saved(0, values));
    limit.on_success(move |values| saved(1, values));
    clear.on_success(move |_| {
        open.set(false);
        toasts.done("Deleting the history. The audit log shows when it is done.");
    });
    let days = values.retention_days;
    // The deployment may have set another one.
    let own = (!RETENTION_CHOICES.contains(&days)).then_some(days);
    let options = RETENTION_CHOICES.into_iter().chain(own).map(|days| (days.to_string(), format!("{days} days")));
    let hint = if values.retention_days_set { "" } else { "Currently set by the deployment" };
    let selected = RwSignal::new(days);
    let shorter = move || {
        let text = format!(
            "Deliveries older than {} days are deleted within an hour of saving. This can't be undone.",
            selected.get()
        );
        (selected.get() < stored_days.get())
            .then(|| view! { <p class="note warn">{icon(Icon::Warning)}<span>{text}</span></p> })
    };
    let text = TypedConfirmText {
        consequences: vec![
            "All finished deliveries of all projects are deleted, with their payloads and responses.",
            "Deliveries that are still to be sent are kept. This can't be undone.",
        ],
        label: format!("Type \"{CLEAR_ALL_CONFIRMATION}\" to confirm"),
        fields: Vec::new(),
    };
    view! {
        <section class="card" on:input=move |_| changes.edit(0)>
            <h2>"Delivery history"</h2>
            <PageForm action=save node_ref=forms[0]>
                <FormError error/>
                <div on:change=move |event| selected.set(event_target_value(&event).parse().unwrap_or(days))>
                <SelectField
                    name="retention_days"
                    label="Delete webhook delivery history after"
                    options=options.collect()
                    value=days.to_string()
                    hint
                />
                </div>
                {dynamic(shorter)}
                <div class="actions start"><Submit pending=save.pending()>"Save changes"</Submit></div>
            </PageForm>
        </section>
        <section class="card" on:input=move |_| changes.edit(1)>
            <h2>"Webhooks"</h2>
            <PageForm action=limit node_ref=forms[1]>
                <FormError error=limit_error/>
                <TextField
                    name="max_active_webhooks"
                    wire="maxActiveWebhooks"
                    label="Active outbound webhooks per project"
                    value=values.max_active_webhooks.map(|limit| limit.to_string()).unwrap_or_default()
                    placeholder="No limit"
                    hint="Webhooks that are active already stay active."
                    error=limit_error
                />
                <div class="actions start"><Submit pending=limit.pending()>"Save limit"</Submit></div>
            </PageForm>
        </section>
        {values.outbound_proxy.map(|proxy| view! { <OutboundProxy proxy/> })}
        <section class="card">
            <h2>"Download all history"</h2>
            <p class="hint">"The deliveries of all projects, also of deleted ones, with their payloads and attempts."</p>
            <div class="actions start">
                {ExportFormat::ALL.iter().map(|&format| view! {
                    <a class="button" href=format!("/api/v1/deliveries/export?format={format}") download="" rel="external">{format!("Download as {}", format.label())}</a>
                }).collect_view()}
            </div>
        </section>
        <section class="card danger-zone">
            <h2>"Clear all history"</h2>
            <p class="hint">"Deletes the deliveries of all projects."</p>
            <button type="button" class="button danger" on:click=move |_| open.set(true)>"Clear all history"</button>
        </section>
        <TypedConfirm open title="Clear all history?" text=Signal::stored(text) button="Clear all history" action=clear/>
    }
}

/// The proxy of the deployment, and who checks addresses because of it.
#[component]
fn OutboundProxy(proxy: OutboundProxySettings) -> impl IntoView {
    let except = (!proxy.except.is_empty()).then(|| proxy.except.join(", "));
    view! {
        <section class="card">
            <h2>"Outbound proxy"</h2>
            <p>"Requests to webhooks, trackers and the provider of single sign-on go through " <code>{proxy.url}</code> "."</p>
            {except.map(|except| view! {
                <p>"Reached directly, with addresses checked by Testbell: " <code>{except}</code></p>
            })}
            <p class="hint">"Set by the deployment (TESTBELL_OUTBOUND_PROXY)"</p>
            <p class="note warn">
                {icon(Icon::Warning)}
                <span>
                    "The proxy resolves host names, so it must refuse private addresses. Testbell itself refuses only \
                     private addresses in URLs and local names such as localhost."
                </span>
            </p>
        </section>
    }
}
