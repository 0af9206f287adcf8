//! The forms that make and change a case. Which is open lives in the address: `?new=case`,
//! `?edit=case`.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::steps::StepsField;
use crate::api::cases::{CreateCase, UpdateCase};
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Buttons, SelectField, TextField};
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::model::test_case::{Priority, TestCase};
use crate::place::use_place;

/// Makes a case.
#[component]
pub fn NewCaseDialog(project: ProjectId) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("new").as_deref() == Some("case"));
    let create = ServerAction::<CreateCase>::new();
    let error = failure(create);
    view! {
        <Dialog open title="New case" wide=true on_close=move |()| place.replace(&[("new", None)])>
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                {fields(None, error)}
                <Buttons cancel="new" pending=create.pending() deed="Create case"/>
            </ActionForm>
        </Dialog>
    }
}

/// Changes a case.
#[component]
pub fn EditCaseDialog(case: RwSignal<TestCase>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("edit").as_deref() == Some("case"));
    let update = ServerAction::<UpdateCase>::new();
    let error = failure(update);
    on_success(update, move |()| changed.run(()));
    view! {
        <Dialog open title="Edit the case" wide=true on_close=move |()| place.replace(&[("edit", None)])>
            <ActionForm action=update attr:class="form">
                <FormError error/>
                <input type="hidden" name="id" value=case.get_untracked().id.to_string()/>
                {fields(Some(case.get_untracked()), error)}
                <Buttons cancel="edit" pending=update.pending() deed="Save"/>
            </ActionForm>
        </Dialog>
    }
}

fn fields(case: Option<TestCase>, error: Signal<Option<Error>>) -> AnyView {
    let priorities = Priority::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
    let tells_first = case.is_some();
    let priority = case.as_ref().map_or(Priority::Medium, |case| case.priority);
    let (title, preconditions, labels, steps) =
        case.map_or_else(Default::default, |case| (case.title, case.preconditions, case.labels.join(", "), case.steps));
    view! {
        <TextField name="title" label="Title" value=title required=true autofocus=true tells_first error/>
        <div class="columns">
            <SelectField name="priority" label="Priority" options=priorities value=priority.as_str() tells_first/>
            <TextField name="labels" label="Labels" hint="Separated by commas." value=labels tells_first error/>
        </div>
        <TextField name="preconditions" label="Preconditions" hint="What must be so before it begins." value=preconditions rows=3 tells_first error/>
        <StepsField steps error/>
    }
    .into_any()
}
