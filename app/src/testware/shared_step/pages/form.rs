//! The forms to create and edit a shared step. The URL says which one is open: `?new=shared_step`, `?edit=shared_step`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::testware::case::pages::steps::StepsField;
use crate::testware::shared_step::SharedStep;
use crate::testware::shared_step::api::{CreateSharedStep, UpdateSharedStep};
use crate::url_state::use_url_state;

/// Creates a shared step.
#[component]
pub fn NewSharedStepDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("shared_step"));
    let create = PageAction::<CreateSharedStep>::new();
    let error = create.error();
    view! {
        <Dialog open title="New shared step" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create shared step"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a shared step.
#[component]
pub fn EditSharedStepDialog(shared: Memo<SharedStep>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("shared_step"));
    let update = PageAction::<UpdateSharedStep>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let shown = move || shared.get_untracked();
    view! {
        <Dialog open title="Edit shared step" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=shown().id.to_string()/>
                {fields(Some(shown()), error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

fn fields(shared: Option<SharedStep>, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = shared.is_some();
    let (name, steps) = shared.map_or_else(Default::default, |shared| (shared.name, shared.steps));
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        <StepsField steps error/>
    }
    .into_any()
}
