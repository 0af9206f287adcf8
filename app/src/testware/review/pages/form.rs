//! The forms to propose a change to a case, and to edit a review. The URL says which one is open: `?propose=review` on
//! the page of a case, `?edit=review`.

use leptos::prelude::*;

use super::reviewers::ReviewersField;
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, FieldError, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::testware::case::pages::shared_step_choice::Sharing;
use crate::testware::case::pages::steps::StepsField;
use crate::testware::case::{CaseContent, CaseOverview, Priority};
use crate::testware::review::ReviewOverview;
use crate::testware::review::api::{CreateReview, UpdateReview};
use crate::url_state::use_url_state;

/// A change is proposed on the page of its case, so the dialog leads there.
#[component]
pub fn NewReviewDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("review"));
    view! {
        <Dialog open title="New review" on_close=move |()| url_state.replace(&[("new", None)])>
            <p>
                "Open the case that should change, and select "<b>"Propose change"</b>". Members review the change before it is merged."
            </p>
            <div class="actions"><a class="button primary" href=Subject::Case.list_path(project)>"Open cases"</a></div>
        </Dialog>
    }
}

/// Proposes a change to a case.
#[component]
pub fn ProposeDialog(case: RwSignal<CaseOverview>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("propose").as_deref() == Some("review"));
    let create = PageAction::<CreateReview>::new();
    let error = create.error();
    let content = move || {
        let case = case.get_untracked().case;
        let (id, project) = (case.id, case.project_id);
        view! {
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <input type="hidden" name="case" value=id.to_string()/>
                <FieldError name="caseId" error/>
                {review_fields(String::new(), String::new(), false, error)}
                <ReviewersField project error/>
                {proposal_fields(case.into(), false, Sharing { project, open, known: Vec::new() }, error)}
                <Buttons cancel="propose" pending=create.pending() submit_label="Propose change"/>
            </PageForm>
        }
    };
    view! {
        <Dialog open title="Propose change" wide=true on_close=move |()| url_state.replace(&[("propose", None)])>
            {content()}
        </Dialog>
    }
}

/// Edits a review and its proposal.
#[component]
pub fn EditReviewDialog(review: RwSignal<ReviewOverview>, changed: Callback<()>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("review"));
    let update = PageAction::<UpdateReview>::new();
    let error = update.error();
    update.on_success(move |()| changed.run(()));
    let content = move || {
        let ReviewOverview { review, proposal, .. } = review.get_untracked();
        view! {
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=review.id.to_string()/>
                {review_fields(review.title, review.description, true, error)}
                {proposal_fields(proposal, true, Sharing { project: review.project_id, open, known: Vec::new() }, error)}
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        }
    };
    view! {
        <Dialog open title="Edit review" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            {content()}
        </Dialog>
    }
}

fn review_fields(title: String, description: String, sends_initial: bool, error: Signal<Option<Error>>) -> AnyView {
    view! {
        <TextField name="review_title" wire="title" label="Review title" hint="What the change is for" value=title required=true autofocus=true sends_initial error/>
        <TextField name="review_description" wire="description" label="Description" hint="Markdown" value=description rows=3 sends_initial error/>
    }
    .into_any()
}

fn proposal_fields(
    content: CaseContent,
    sends_initial: bool,
    sharing: Sharing,
    error: Signal<Option<Error>>,
) -> AnyView {
    let CaseContent { title, preconditions, steps, priority, labels } = content;
    let priorities = Priority::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned())).collect();
    let labels = labels.join(", ");
    view! {
        <fieldset>
            <legend>"Proposed content"</legend>
            <FieldError name="proposal" error/>
            <TextField name="proposed_title" wire="proposal.title" label="Case title" value=title required=true sends_initial error/>
            <div class="columns">
                <SelectField name="proposed_priority" label="Priority" options=priorities value=priority.as_str() sends_initial/>
                <TextField name="proposed_labels" wire="proposal.labels" label="Labels" hint="Separate with commas" value=labels sends_initial error/>
            </div>
            <TextField name="proposed_preconditions" wire="proposal.preconditions" label="Preconditions" value=preconditions rows=3 sends_initial error/>
            <StepsField steps sharing error wire="proposal.steps"/>
        </fieldset>
    }
    .into_any()
}
