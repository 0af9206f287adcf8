//! The form for the username and password that a tracker sends with its events. Trackers that sign
//! need no form: Testbell generates their secret.

use leptos::prelude::*;

use crate::api::webhooks::CreateInbound;
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Submit, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::model::id::ProjectId;
use crate::model::provider::Provider;

/// See the [module](self).
#[component]
pub fn InboundCredentialsDialog(
    project: ProjectId,
    provider: Memo<Option<Provider>>,
    create: PageAction<CreateInbound>,
    dialog_open: RwSignal<bool>,
) -> impl IntoView {
    let error = create.error();
    let label = move || provider.get().map_or("Tracker", Provider::label);
    view! {
        <Dialog
            open=dialog_open
            title=Signal::derive(move || format!("{} credentials", label()))
            on_close=move |()| dialog_open.set(false)
        >
            <PageForm action=create>
                <p class="hint">{label}" sends these with each event. They are stored encrypted and can't be shown again."</p>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="username" label="Username" required=true autofocus=true error/>
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    hint="e.g. a long random password"
                    autocomplete="new-password"
                    required=true
                    error
                />
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| dialog_open.set(false)>"Cancel"</button>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </PageForm>
        </Dialog>
    }
}
