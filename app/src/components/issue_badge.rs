//! An issue mentioned on a page: its key and status, with details in a popover. It updates when the
//! issue changes.

use leptos::prelude::*;

use super::badge::issue_status;
use super::dynamic::{dynamic, dynamic_value};
use super::issue_popover::facts;
use crate::api;
use crate::components::hydration::use_hydrated_effect;
use crate::error::Result;
use crate::layout::use_project;
use crate::live::{LiveMessage, use_live};
use crate::model::id::IssueId;
use crate::model::issue::{Issue, StatusKind, short_key};
use crate::model::live::ChangeKind;
use crate::testware::result::LinkedIssue;

/// What the badge shows of an issue.
#[derive(Clone)]
struct IssueBadgeView {
    name: String,
    /// The full key, including the repository.
    key: Option<String>,
    title: String,
    status: String,
    kind: StatusKind,
    /// Details for the popover, once the issue was read.
    issue: Option<Issue>,
}

#[component]
pub fn IssueBadge(
    id: IssueId,
    /// A prefix for element IDs, if the page may show the issue more than once.
    #[prop(optional, into)]
    within: String,
    /// What is already known. Without it, the badge reads the issue at once.
    #[prop(optional)]
    known: Option<LinkedIssue>,
) -> impl IntoView {
    let project = use_project();
    let reads_at_once = known.is_none();
    let shown = RwSignal::new(known.map(|issue| Result::Ok(IssueBadgeView::from(issue))));
    let read = move || async move {
        let answer = api::issues::read_issue(id).await.map(|detail| IssueBadgeView::from(detail.issue));
        // The user may have left the page.
        let _ = shown.try_set(Some(answer));
    };
    // The badge is inside awaited content, where no resource can be created.
    use_hydrated_effect(move || {
        if reads_at_once {
            leptos::task::spawn_local(read());
        }
    });
    use_live(move |message| match message {
        LiveMessage::Changed(ChangeKind::IssueUpdated { issue_id } | ChangeKind::IssueDeleted { issue_id })
            if issue_id == id =>
        {
            leptos::task::spawn_local(read());
        }
        LiveMessage::Missed => leptos::task::spawn_local(read()),
        LiveMessage::Changed(_) => {}
    });
    let load_details = move || {
        if shown.with_untracked(|shown| matches!(shown, Some(Ok(IssueBadgeView { issue: None, .. })))) {
            leptos::task::spawn_local(read());
        }
    };
    let popover = format!("popover-{within}{id}");
    let address = move || format!("/projects/{project}/issues/{id}");
    let known = move || shown.with(|shown| shown.as_ref().and_then(|it| it.as_ref().ok().cloned()));
    let stage = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(Result::is_ok)));
    // Only the content is rendered again: replacing the element would close its popover.
    dynamic(move || {
        match stage.get() {
            // Stays visible without JavaScript.
            None => view! { <a class="link" href=address()>"View issue"</a> }.into_any(),
            Some(false) => view! { <span class="hint">"Deleted issue"</span> }.into_any(),
            Some(true) => view! {
                <span class="issue-badge">
                    <button
                        type="button"
                        popovertarget=popover.clone()
                        title=dynamic_value(move || known().and_then(|it| it.key))
                        on:click=move |_| load_details()
                    >
                        {dynamic(move || known().map(|it| it.name))}
                        {dynamic(move || known().map(|it| issue_status(it.kind, &it.status)))}
                    </button>
                    <span id=popover.clone() popover="auto" class="popover">
                        <a href=address() class="title">{dynamic(move || known().map(|it| it.title))}</a>
                        {dynamic(move || known().and_then(|it| it.issue).map(|issue| view! { <span class="facts">{facts(issue)}</span> }))}
                    </span>
                </span>
            }
            .into_any(),
        }
    })
}

fn name(key: Option<&str>, title: &str) -> String {
    key.map_or(title, short_key).to_owned()
}

impl From<Issue> for IssueBadgeView {
    fn from(issue: Issue) -> Self {
        Self {
            name: name(issue.key.as_deref(), &issue.title),
            key: issue.key.clone(),
            title: issue.title.clone(),
            status: issue.status.clone(),
            kind: issue.status_kind,
            issue: Some(issue),
        }
    }
}

impl From<LinkedIssue> for IssueBadgeView {
    fn from(issue: LinkedIssue) -> Self {
        Self {
            name: name(issue.key.as_deref(), &issue.title),
            key: issue.key,
            title: issue.title,
            status: issue.status,
            kind: issue.status_kind,
            issue: None,
        }
    }
}
