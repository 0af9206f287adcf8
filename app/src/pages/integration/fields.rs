//! The form fields of one tracker, from its [`ProviderSpec`](crate::model::provider::ProviderSpec).

use leptos::prelude::*;

use crate::components::field::TextField;
use crate::components::foreign_issues_note::SWITCH_ID;
use crate::error::Error;
use crate::model::integration::Integration as Connected;
use crate::model::provider::Provider;

/// The fields. `stored` is the integration of the same tracker, if there is one.
pub fn provider_fields(provider: Provider, stored: Option<Connected>, error: Signal<Option<Error>>) -> AnyView {
    let spec = provider.spec();
    let value = |of: fn(&Connected) -> String| stored.as_ref().map(of).unwrap_or_default();
    let has_credentials = stored.as_ref().is_some_and(|stored| stored.has_credentials);
    let only_from_repository = stored.as_ref().is_some_and(|stored| stored.only_from_repository);
    let sync_milestones = stored.as_ref().is_some_and(|stored| stored.sync_milestones);
    let (base_url, repository) = (value(|stored| stored.base_url.clone()), value(|stored| stored.repository.clone()));
    let is_required = spec.base_url.default.is_none();
    let base_url = || {
        view! {
            <TextField
                name="base_url"
                wire="baseUrl"
                label=spec.base_url.label
                hint=spec.base_url.hint
                value=base_url.clone()
                required=is_required
                narrow=true
                error
            />
        }
    };
    let credentials = spec.credentials.as_ref().map(|fields| {
        let hint = fields.token_hint;
        let hint = if has_credentials { format!("{hint} Leave blank to keep the stored token.") } else { hint.to_owned() };
        view! {
            {fields.email_hint.map(|hint| view! {
                <TextField name="email" wire="credentials.email" label="Account email (optional)" hint narrow=true error/>
            })}
            <TextField
                name="token"
                wire="credentials.token"
                label="Token (optional)"
                kind="password"
                hint
                autocomplete="new-password"
                narrow=true
                error
            />
        }
    });
    view! {
        {is_required.then(base_url)}
        {spec.repository.as_ref().map(|field| view! {
            <TextField name="repository" label=field.label placeholder=field.placeholder value=repository required=true narrow=true error/>
        })}
        {(!is_required).then(base_url)}
        {credentials}
        {provider.has_inbound().then(|| import_filter(provider.container(), only_from_repository))}
        {spec.milestones.map(|milestones| milestone_sync(provider, milestones, sync_milestones))}
    }
    .into_any()
}

/// The setting that keeps milestones in sync.
fn milestone_sync(provider: Provider, milestones: &'static str, checked: bool) -> AnyView {
    let (tracker, container) = (provider.label(), provider.container());
    let hint = format!(
        "The {milestones} of this {container} create and change milestones here. Name, description, due date and \
         completion are then changed in {tracker} only. The webhook in {tracker} must send the events of {milestones}."
    );
    view! {
        <div class="field">
            <label class="choice" for="field-sync_milestones">
                <input
                    type="checkbox"
                    id="field-sync_milestones"
                    name="sync_milestones"
                    value="true"
                    checked=checked
                    aria-describedby="sync-milestones-hint"
                />
                <span>"Keep milestones in sync"</span>
            </label>
            <p class="hint" id="sync-milestones-hint">{hint}</p>
        </div>
    }
    .into_any()
}

/// The setting that excludes other issues. Browsers don't send an unchecked box.
fn import_filter(container: &'static str, checked: bool) -> AnyView {
    let hint = format!(
        "Events about other issues are ignored. Issues that were imported before keep updating. If the {container} is \
         renamed, enter its new name here."
    );
    view! {
        <div class="field">
            <label class="choice" for=SWITCH_ID>
                <input
                    type="checkbox"
                    id=SWITCH_ID
                    name="only_from_repository"
                    value="true"
                    checked=checked
                    aria-describedby="only-from-repository-hint"
                />
                <span>{format!("Only import issues from this {container}")}</span>
            </label>
            <p class="hint" id="only-from-repository-hint">{hint}</p>
        </div>
    }
    .into_any()
}
