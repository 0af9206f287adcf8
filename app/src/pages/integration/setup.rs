//! The form that connects a tracker or changes the connected one.

use leptos::prelude::*;

use super::consequences;
use super::fields::provider_fields;
use crate::api::integrations::PutIntegration;
use crate::components::confirm::Confirm;
use crate::components::failure::FormError;
use crate::components::field::Submit;
use crate::components::page_action::PageAction;
use crate::components::page_form::{PageForm, form_fields};
use crate::components::toast::use_toasts;
use crate::model::id::ProjectId;
use crate::model::integration::Integration as Connected;
use crate::model::provider::Provider;

#[component]
pub fn IntegrationSetup(
    connected: Option<Connected>,
    project: ProjectId,
    has_inbound: Signal<bool>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let put = PageAction::<PutIntegration>::new();
    let error = put.error();
    let stored_provider = connected.as_ref().map(|connected| connected.provider);
    let has_credentials = connected.as_ref().is_some_and(|connected| connected.has_credentials);
    let provider = RwSignal::new(stored_provider.unwrap_or(Provider::Github));
    let confirm_open = RwSignal::new(false);
    let unconfirmed = StoredValue::new(None::<String>);
    put.on_success(move |_| {
        confirm_open.set(false);
        toasts.done("Saved");
        reload.run(());
    });
    // Switching to another tracker deletes data of the stored one, so the form asks first.
    let confirm_switch = move |event: web_sys::SubmitEvent| {
        if stored_provider.is_some_and(|stored| stored != provider.get_untracked())
            && let Some(fields) = form_fields(&event)
        {
            event.prevent_default();
            unconfirmed.set_value(Some(fields));
            confirm_open.set(true);
        }
    };
    let choose = move |choice: Provider| {
        // Errors were about the fields of the other tracker.
        put.clear();
        provider.set(choice);
    };
    let choices = Provider::ALL
        .iter()
        .map(|&choice| {
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="provider"
                        value=choice.as_str()
                        checked=choice == provider.get_untracked()
                        on:change=move |_| choose(choice)
                    />
                    <span>{choice.label()}</span>
                </label>
            }
        })
        .collect_view();
    let stored = StoredValue::new(connected);
    let fields = move |provider: Provider| {
        let stored = stored.get_value().filter(|stored| stored.provider == provider);
        provider_fields(provider, stored, error)
    };
    let title = if stored_provider.is_some() { "Edit integration" } else { "Connect a tracker" };
    view! {
        <section class="card">
            <h2>{title}</h2>
            <div on:submit:capture=confirm_switch>
                <PageForm action=put>
                    <FormError error/>
                    <input type="hidden" name="project" value=project.to_string()/>
                    <fieldset class="choices"><legend>"Tracker"</legend>{choices}</fieldset>
                    // Keyed by tracker, so that text entered for one is not kept for another.
                    <For each=move || [provider.get()] key=|provider| *provider children=fields/>
                    <div class="actions start"><Submit pending=put.pending()>"Save integration"</Submit></div>
                </PageForm>
            </div>
        </section>
        <Confirm
            open=confirm_open
            title="Switch to another tracker?"
            consequences=Signal::derive(move || consequences(has_credentials, has_inbound.get()))
            confirm_label="Switch tracker"
            pending=put.pending()
            error
            on_confirm=move |()| {
                if let Some(fields) = unconfirmed.get_value() {
                    put.submit(fields);
                }
            }
        />
    }
}
