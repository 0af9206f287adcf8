//! The forms to create and edit an issue. The URL says which one is open: `?new=issue`,
//! `?edit=issue`.

use leptos::prelude::*;

use crate::api::issues::{CreateIssue, UpdateIssue};
use crate::components::dialog::Dialog;
use crate::components::failure::FormError;
use crate::components::field::{Buttons, SelectField, TextField};
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::error::Error;
use crate::model::id::ProjectId;
use crate::model::issue::{Issue, StatusKind};
use crate::url_state::use_url_state;

/// Creates an issue.
#[component]
pub fn NewIssueDialog(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("new").as_deref() == Some("issue"));
    let create = PageAction::<CreateIssue>::new();
    let error = create.error();
    view! {
        <Dialog open title="New issue" wide=true on_close=move |()| url_state.replace(&[("new", None)])>
            <PageForm action=create>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <Fields issue=None error/>
                <Buttons cancel="new" pending=create.pending() submit_label="Create issue"/>
            </PageForm>
        </Dialog>
    }
}

/// Edits an issue.
#[component]
pub fn EditIssueDialog(#[prop(into)] issue: Signal<Issue>) -> impl IntoView {
    let url_state = use_url_state();
    let open = Signal::derive(move || url_state.param("edit").as_deref() == Some("issue"));
    let update = PageAction::<UpdateIssue>::new();
    let error = update.error();
    view! {
        <Dialog open title="Edit issue" wide=true on_close=move |()| url_state.replace(&[("edit", None)])>
            <PageForm action=update>
                <FormError error/>
                <input type="hidden" name="id" value=issue.get_untracked().id.to_string()/>
                <Fields issue=Some(issue.get_untracked()) error/>
                <Buttons cancel="edit" pending=update.pending() submit_label="Save changes"/>
            </PageForm>
        </Dialog>
    }
}

#[component]
fn Fields(issue: Option<Issue>, #[prop(into)] error: Signal<Option<Error>>) -> impl IntoView {
    let kinds = StatusKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.label().to_owned())).collect();
    let sends_initial = issue.is_some();
    let kind = issue.as_ref().map_or(StatusKind::Open, |issue| issue.status_kind);
    let text = |value: fn(&Issue) -> Option<String>| issue.as_ref().and_then(value).unwrap_or_default();
    view! {
        <TextField name="title" label="Title" value=text(|i| Some(i.title.clone())) required=true autofocus=true sends_initial error/>
        <TextField name="description" label="Description" hint="Supports Markdown" value=text(|i| Some(i.description.clone())) rows=7 sends_initial error/>
        <div class="columns">
            <SelectField name="status_kind" label="Status" options=kinds value=kind.as_str() sends_initial/>
            <TextField name="status" label="Status label" placeholder="e.g. In review" value=text(|i| Some(i.status.clone())) sends_initial error/>
            <TextField name="priority" label="Priority" value=text(|i| i.priority.clone()) sends_initial error/>
            <TextField name="issue_type" wire="type" label="Type" placeholder="e.g. Bug" value=text(|i| i.issue_type.clone()) sends_initial error/>
            <TextField name="assignee" label="Assignee" value=text(|i| i.assignee.clone()) sends_initial error/>
            <TextField name="labels" label="Labels" hint="Separate with commas" value=text(|i| Some(i.labels.join(", "))) sends_initial error/>
        </div>
        <TextField name="url" label="Link" kind="url" placeholder="https://" value=text(|i| i.url.clone()) sends_initial error/>
    }
}
