//! The forms that make and change an issue. Which is open lives in the address: `?new=issue`,
//! `?edit=issue`.

use leptos::form::ActionForm;
use leptos::prelude::*;

use crate::api::issues::{CreateIssue, UpdateIssue};
use crate::components::dialog::Dialog;
use crate::components::failure::{FormError, failure};
use crate::components::field::{SelectField, Submit, TextField};
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::model::issue::{Issue, StatusKind};
use crate::place::use_place;

/// Makes an issue.
#[component]
pub fn NewIssueDialog(project: ProjectId) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("new").as_deref() == Some("issue"));
    let create = ServerAction::<CreateIssue>::new();
    let error = failure(create);
    view! {
        <Dialog open title="New issue" wide=true on_close=move |()| place.replace(&[("new", None)])>
            <ActionForm action=create attr:class="form">
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <Fields issue=None error/>
                <div class="actions">
                    <a class="button" href=move || place.with(&[("new", None)]) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=create.pending()>"Create issue"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}

/// Changes an issue.
#[component]
pub fn EditIssueDialog(#[prop(into)] issue: Signal<Issue>) -> impl IntoView {
    let place = use_place();
    let open = Signal::derive(move || place.param("edit").as_deref() == Some("issue"));
    let update = ServerAction::<UpdateIssue>::new();
    let error = failure(update);
    view! {
        <Dialog open title="Edit the issue" wide=true on_close=move |()| place.replace(&[("edit", None)])>
            <ActionForm action=update attr:class="form">
                <FormError error/>
                <input type="hidden" name="id" value=issue.get_untracked().id.to_string()/>
                <Fields issue=Some(issue.get_untracked()) error/>
                <div class="actions">
                    <a class="button" href=move || place.with(&[("edit", None)]) data-noscroll="" prop:replace=true>"Cancel"</a>
                    <Submit pending=update.pending()>"Save"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}

#[component]
fn Fields(issue: Option<Issue>, #[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let kinds = StatusKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    let tells_first = issue.is_some();
    let kind = issue.as_ref().map_or(StatusKind::Open, |issue| issue.status_kind);
    let text = |value: fn(&Issue) -> Option<String>| issue.as_ref().and_then(value).unwrap_or_default();
    view! {
        <TextField name="title" label="Title" value=text(|i| Some(i.title.clone())) required=true autofocus=true tells_first error/>
        <TextField name="description" label="Description" hint="Markdown." value=text(|i| Some(i.description.clone())) rows=7 tells_first error/>
        <div class="columns">
            <SelectField name="status_kind" label="State" options=kinds value=kind.as_str() tells_first/>
            <TextField name="status" label="Status in words" placeholder="In review" value=text(|i| Some(i.status.clone())) tells_first error/>
            <TextField name="priority" label="Priority" value=text(|i| i.priority.clone()) tells_first error/>
            <TextField name="issue_type" wire="type" label="Type" placeholder="Bug" value=text(|i| i.issue_type.clone()) tells_first error/>
            <TextField name="assignee" label="Assignee" value=text(|i| i.assignee.clone()) tells_first error/>
            <TextField name="labels" label="Labels" hint="Separated by commas." value=text(|i| Some(i.labels.join(", "))) tells_first error/>
        </div>
        <TextField name="url" label="Link" kind="url" placeholder="https://" value=text(|i| i.url.clone()) tells_first error/>
    }
}
