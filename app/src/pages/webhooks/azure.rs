//! The form for what an Azure DevOps service hook will send: it has no secret that could be minted.

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::webhooks::CreateInbound;
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure};
use crate::components::field::{Submit, TextField};
use crate::model::id::ProjectId;

#[component]
pub fn AzureDialog(
    project: ProjectId,
    create: ServerAction<CreateInbound>,
    dialog_open: RwSignal<bool>,
) -> impl IntoView {
    let error = failure(create);
    view! {
        <Dialog open=dialog_open title="Azure DevOps credentials" on_close=move |()| dialog_open.set(false)>
            <ActionForm action=create attr:class="form">
                <p class="hint">"The service hook sends these with Basic authentication. They are stored encrypted and can't be shown again."</p>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="username" label="Username" required=true autofocus=true error/>
                <TextField
                    name="password"
                    label="Password"
                    kind="password"
                    hint="e.g. a personal access token or a long random text"
                    autocomplete="new-password"
                    required=true
                    error
                />
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| dialog_open.set(false)>"Cancel"</button>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}
