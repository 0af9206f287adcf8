//! The forms to start and to complete a CI job. The URL says which one is open: `?new=ci_job`, `?complete=ci_job`.

use leptos::prelude::*;

use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::model::id::ProjectId;
use crate::testware::ci_job::api::{CompleteJob, StartCiJob};
use crate::testware::ci_job::{CiJobId, CiJobOutcome};
use crate::url_state::use_url_state;

/// Starts a CI job.
#[component]
pub fn StartCiJobDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("ci_job"));
    let start = PageAction::<StartCiJob>::new();
    let error = start.error();
    view! {
        <Dialog open title="Start CI job" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=start>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="name" label="Name" hint="e.g. Nightly checkout tests" required=true autofocus=true error/>
                <TextField name="branch" label="Branch" hint="Optional" mono=true error/>
                <TextField name="parameters" label="Parameters" hint="Optional, one KEY=value per line" rows=4 mono=true error/>
                <Buttons cancel="new" pending=start.pending() submit_label="Start CI job"/>
            </PageForm>
        </Dialog>
    }
}

/// Completes a CI job whose outcome the CI system doesn't report.
#[component]
pub fn CompleteCiJobDialog(id: CiJobId, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("complete").as_deref() == Some("ci_job"));
    let complete = PageAction::<CompleteJob>::new();
    let error = complete.error();
    complete.on_success(move |()| changed.run(()));
    view! {
        <Dialog open title="Complete this CI job?" on_close=move |()| url_state.replace(&[("complete", None)])>
            <PageForm action=complete>
                <FormError error/>
                <p>"The job becomes read-only. It isn't stopped in the CI system. This can't be undone."</p>
                <input type="hidden" name="id" value=id.to_string()/>
                {outcome_field()}
                <Buttons cancel="complete" pending=complete.pending() submit_label="Complete CI job"/>
            </PageForm>
        </Dialog>
    }
}

fn outcome_field() -> AnyView {
    // A job that has to be completed by hand was usually stopped.
    let outcomes = [CiJobOutcome::Cancelled, CiJobOutcome::Passed, CiJobOutcome::Failed];
    let options = outcomes.map(|outcome| (outcome.as_str().to_owned(), outcome.label().to_owned())).to_vec();
    view! { <SelectField name="outcome" label="Outcome" options/> }.into_any()
}
