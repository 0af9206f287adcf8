//! The forms to create and edit a case. The URL says which one is open: `?new=case`, `?edit=case`.

use leptos::prelude::*;

use super::steps::StepsField;
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::testware::case::api::{CreateCase, UpdateCase};
use crate::testware::case::{Priority, TestCase};
use crate::url_state::use_url_state;

/// Creates a case.
#[component]
pub fn NewCaseDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("case"));
    let create = PageAction::<CreateCase>::new();
    let error = create.error();
    view! {
        <Dialog open title="New case" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create case"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a case.
#[component]
pub fn EditCaseDialog(case: RwSignal<TestCase>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("case"));
    let update = PageAction::<UpdateCase>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    view! {
        <Dialog open title="Edit case" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=case.get_untracked().id.to_string()/>
                {fields(Some(case.get_untracked()), error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

fn fields(case: Option<TestCase>, error: Signal<Option<Error>>) -> AnyView {
    let priorities = Priority::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
    let sends_initial = case.is_some();
    let priority = case.as_ref().map_or(Priority::Medium, |case| case.priority);
    let (title, preconditions, labels, steps) =
        case.map_or_else(Default::default, |case| (case.title, case.preconditions, case.labels.join(", "), case.steps));
    view! {
        <TextField name="title" label="Title" value=title required=true autofocus=true sends_initial error/>
        <div class="columns">
            <SelectField name="priority" label="Priority" options=priorities value=priority.as_str() sends_initial/>
            <TextField name="labels" label="Labels" hint="Separate with commas" value=labels sends_initial error/>
        </div>
        <TextField name="preconditions" label="Preconditions" value=preconditions rows=3 sends_initial error/>
        <StepsField steps error/>
    }
    .into_any()
}
