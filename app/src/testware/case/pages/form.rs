//! The forms to create and edit a case. The URL says which one is open: `?new=case`, `?edit=case`.

use leptos::prelude::*;

use super::shared_step_choice::Sharing;
use super::steps::StepsField;
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::case::api::{CreateCase, UpdateCase};
use crate::testware::case::{CaseOverview, CaseState, Priority};
use crate::testware::custom_field::pages::inputs::CustomFieldInputs;
use crate::testware::group::pages::select::GroupSelect;
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
                {fields(None, project, open, error)}
                <Buttons cancel="new" pending=create.pending() submit_label="Create case"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits a case.
#[component]
pub fn EditCaseDialog(case: RwSignal<CaseOverview>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("case"));
    let update = PageAction::<UpdateCase>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let content = move || {
        let shown = case.get_untracked();
        let (id, project) = (shown.case.id, shown.case.project_id);
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=id.to_string()/>
                {fields(Some(shown), project, open, error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
    };
    view! {
        <Dialog open title="Edit case" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            {content()}
        </Dialog>
    }
}

fn fields(
    overview: Option<CaseOverview>,
    project: ProjectId,
    open: Signal<bool>,
    error: Signal<Option<Error>>,
) -> AnyView {
    let (case, suite, shared, choices) = overview.map_or_else(Default::default, |overview| {
        let CaseOverview { case, suite, shared_steps, choices, .. } = overview;
        (Some(case), suite, shared_steps, Some(choices))
    });
    let priorities = Priority::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
    let sends_initial = case.is_some();
    let priority = case.as_ref().map_or(Priority::Medium, |case| case.priority);
    let state = case.as_ref().map(|case| state_field(case.state));
    let custom_fields = case.as_ref().map(|case| case.custom_fields.clone()).unwrap_or_default();
    let links = case.as_ref().map(|case| case.automation_links.join("\n")).unwrap_or_default();
    let (title, preconditions, labels, steps) =
        case.map_or_else(Default::default, |case| (case.title, case.preconditions, case.labels.join(", "), case.steps));
    let sharing = Sharing { project, open, known: shared };
    view! {
        <TextField name="title" label="Title" value=title required=true autofocus=true sends_initial error/>
        <div class="columns">
            <SelectField name="priority" label="Priority" options=priorities value=priority.as_str() sends_initial/>
            <TextField name="labels" label="Labels" hint="Separate with commas" value=labels sends_initial error/>
        </div>
        <GroupSelect project of=Subject::Suite name="suite" wire="suiteId" label="Suite" current=suite sends_initial open error/>
        <TextField name="preconditions" label="Preconditions" value=preconditions rows=3 sends_initial error/>
        <StepsField steps sharing error/>
        <CustomFieldInputs project choices values=custom_fields error/>
        <TextField
            name="automation_links"
            wire="automationLinks"
            label="Automation links"
            hint="Names of automated tests as their reports write them, one in each line"
            value=links
            rows=2
            mono=true
            sends_initial
            error
        />
        {state}
    }
    .into_any()
}

fn state_field(state: CaseState) -> AnyView {
    let states = CaseState::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
    let hint = "Archived cases stay in their test runs, and can't be added to others.";
    view! { <SelectField name="state" label="State" options=states value=state.as_str() hint sends_initial=true/> }
        .into_any()
}
