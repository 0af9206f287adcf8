//! The forms to create and edit a test plan. The URL says which one is open: `?new=plan`, `?edit=plan`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::testware::plan::TestPlan;
use crate::testware::plan::api::{CreatePlan, UpdatePlan};
use crate::url_state::use_url_state;

/// Creates a test plan.
#[component]
pub fn NewPlanDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("plan"));
    let create = PageAction::<CreatePlan>::new();
    let error = create.error();
    view! {
        <Dialog open title="New test plan" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create test plan"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a test plan.
#[component]
pub fn EditPlanDialog(plan: Memo<TestPlan>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("plan"));
    let update = PageAction::<UpdatePlan>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let shown = move || plan.get_untracked();
    view! {
        <Dialog open title="Edit test plan" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=shown().id.to_string()/>
                {fields(Some(shown()), error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

fn fields(plan: Option<TestPlan>, error: Signal<Option<Error>>) -> AnyView {
    let sends_initial = plan.is_some();
    let (name, description) = plan.map_or_else(Default::default, |plan| (plan.name, plan.description));
    view! {
        <TextField name="name" label="Name" value=name required=true autofocus=true sends_initial error/>
        <TextField name="description" label="Description" hint="Markdown" value=description rows=4 sends_initial error/>
    }
    .into_any()
}
