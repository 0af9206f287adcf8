//! The forms to create and edit a milestone. The URL says which one is open: `?new=milestone`,
//! `?edit=milestone`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::testware::milestone::Milestone;
use crate::testware::milestone::api::{CreateMilestone, UpdateMilestone};
use crate::url_state::use_url_state;

/// Creates a milestone.
#[component]
pub fn NewMilestoneDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("milestone"));
    let create = PageAction::<CreateMilestone>::new();
    let error = create.error();
    view! {
        <Dialog open title="New milestone" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create milestone"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a milestone.
#[component]
pub fn EditMilestoneDialog(milestone: Memo<Milestone>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("milestone"));
    let update = PageAction::<UpdateMilestone>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let shown = move || milestone.get_untracked();
    view! {
        <Dialog open title="Edit milestone" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=shown().id.to_string()/>
                {fields(Some(shown()), error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

fn fields(milestone: Option<Milestone>, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = milestone.is_some();
    let (name, description, due_on) = milestone.map_or_else(Default::default, |milestone| {
        let due_on = milestone.due_on.map(|date| date.to_string()).unwrap_or_default();
        (milestone.name, milestone.description, due_on)
    });
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        <TextField name="due_on" wire="dueOn" label="Due date" kind="date" hint="Optional" value=due_on narrow=true sends_initial error/>
        <TextField name="description" label="Description" hint="Markdown" value=description rows=4 sends_initial error/>
    }
    .into_any()
}
