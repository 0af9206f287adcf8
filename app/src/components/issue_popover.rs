//! The details of an issue in a popover. They are read each time it opens.

use leptos::prelude::*;
use web_sys::Element;

use super::badge::issue_status;
use super::dynamic::dynamic;
use super::relative_time::RelativeTime;
use crate::api;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::model::id::IssueId;
use crate::model::issue::Issue;

#[component]
pub fn IssuePopover(
    id: IssueId,
    /// The ID of the element.
    popover: String,
    /// The title that is shown at first.
    title: String,
) -> impl IntoView {
    let address = format!("/projects/{}/issues/{id}", use_project());
    let issue = RwSignal::new(None::<Result<Issue>>);
    let read = move || async move {
        let answer = api::issues::read_issue(id).await.map(|detail| detail.issue);
        // The user may have left the page.
        let _ = issue.try_set(Some(answer));
    };
    let on_toggle = move |event: leptos::ev::Event| {
        if event_target::<Element>(&event).matches(":popover-open").unwrap_or_default() {
            leptos::task::spawn_local(read());
        }
    };
    let shown_title = move || issue.get().and_then(Result::ok).map_or_else(|| title.clone(), |issue| issue.title);
    view! {
        <span id=popover popover="auto" class="popover" on:toggle=on_toggle>
            <a href=address class="title">{dynamic(shown_title)}</a>
            {dynamic(move || match issue.get() {
                Some(Ok(issue)) => details(issue).into_any(),
                Some(Err(Error::NotFound)) => view! { <span class="hint">"Deleted issue"</span> }.into_any(),
                Some(Err(_)) | None => ().into_any(),
            })}
        </span>
    }
}

fn details(issue: Issue) -> impl IntoView {
    let status = issue_status(issue.status_kind, &issue.status);
    view! {
        <span class="facts">
            {status}
            {facts(issue)}
        </span>
    }
}

/// Who works on an issue, its priority, and when it changed.
pub fn facts(issue: Issue) -> impl IntoView {
    view! {
        {issue.assignee.map(|name| view! { <span>"Assignee " <b>{name}</b></span> })}
        {issue.priority.map(|text| view! { <span>"Priority " <b>{text}</b></span> })}
        <span>"Updated " <b><RelativeTime time=issue.tracker_updated_at.unwrap_or(issue.updated_at)/></b></span>
    }
}
