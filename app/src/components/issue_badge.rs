//! An issue wherever it is mentioned: its key and status, more of it in a popover. It changes when
//! the issue does.

use leptos::prelude::*;

use super::badge::issue_status;
use super::when::When;
use crate::api;
use crate::components::ready::once_ready;
use crate::error::Result;
use crate::layout::use_project;
use crate::live::{Heard, use_live};
use crate::model::id::IssueId;
use crate::model::issue::{Issue, StatusKind};
use crate::model::live::What;
use crate::model::testware::LinkedIssue;

/// What is shown of an issue.
#[derive(Clone)]
struct Shown {
    name: String,
    title: String,
    status: String,
    kind: StatusKind,
    /// The popover's facts, once the issue was read.
    issue: Option<Issue>,
}

/// See the [module](self).
#[component]
pub fn IssueBadge(
    id: IssueId,
    /// Where it stands, if the page may mention the issue more than once.
    #[prop(optional, into)]
    within: String,
    /// What is known of the issue already; without it the issue is read at once.
    #[prop(optional)]
    known: Option<LinkedIssue>,
) -> impl IntoView {
    let project = use_project();
    let reads_at_once = known.is_none();
    let shown = RwSignal::new(known.map(|issue| Result::Ok(Shown::from(issue))));
    let read = move || async move {
        let answer = api::issues::read_issue(id).await.map(|detail| Shown::from(detail.issue));
        // It may be gone from the page by now.
        let _ = shown.try_set(Some(answer));
    };
    // It stands in what is awaited, where no resource can be made.
    once_ready(move || {
        if reads_at_once {
            leptos::task::spawn_local(read());
        }
    });
    use_live(move |heard| match heard {
        Heard::Changed(What::IssueUpdated { issue_id } | What::IssueDeleted { issue_id }) if issue_id == id => {
            leptos::task::spawn_local(read());
        }
        Heard::Missed => leptos::task::spawn_local(read()),
        Heard::Changed(_) => {}
    });
    let ask_more = move || {
        if shown.with_untracked(|shown| matches!(shown, Some(Ok(Shown { issue: None, .. })))) {
            leptos::task::spawn_local(read());
        }
    };
    let popover = format!("popover-{within}{id}");
    let address = move || format!("/projects/{project}/issues/{id}");
    let known = move || shown.with(|shown| shown.as_ref().and_then(|it| it.as_ref().ok().cloned()));
    let stage = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(Result::is_ok)));
    // Only what is inside is drawn anew: an element that is drawn again would close its popover.
    move || {
        match stage.get() {
            // Without script it stays.
            None => view! { <a class="link" href=address()>"Show the issue"</a> }.into_any(),
            Some(false) => view! { <span class="hint">"an issue that was deleted"</span> }.into_any(),
            Some(true) => view! {
                <span class="issue-badge">
                    <button type="button" popovertarget=popover.clone() on:click=move |_| ask_more()>
                        {move || known().map(|it| it.name)}
                        {move || known().map(|it| issue_status(it.kind, &it.status))}
                    </button>
                    <span id=popover.clone() popover="auto" class="popover">
                        <a href=address() class="title">{move || known().map(|it| it.title)}</a>
                        {move || known().and_then(|it| it.issue).map(facts)}
                    </span>
                </span>
            }
            .into_any(),
        }
    }
}

fn facts(issue: Issue) -> impl IntoView {
    view! {
        <span class="facts">
            {issue.assignee.map(|name| view! { <span>"Assignee " <b>{name}</b></span> })}
            {issue.priority.map(|text| view! { <span>"Priority " <b>{text}</b></span> })}
            <span>"Changed " <b><When time=issue.tracker_updated_at.unwrap_or(issue.updated_at)/></b></span>
        </span>
    }
}

impl From<Issue> for Shown {
    fn from(issue: Issue) -> Self {
        Self {
            name: issue.key.clone().unwrap_or_else(|| issue.title.clone()),
            title: issue.title.clone(),
            status: issue.status.clone(),
            kind: issue.status_kind,
            issue: Some(issue),
        }
    }
}

impl From<LinkedIssue> for Shown {
    fn from(issue: LinkedIssue) -> Self {
        Self {
            name: issue.key.unwrap_or_else(|| issue.title.clone()),
            title: issue.title,
            status: issue.status,
            kind: issue.status_kind,
            issue: None,
        }
    }
}
