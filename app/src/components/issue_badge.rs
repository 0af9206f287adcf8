//! An issue wherever it is mentioned: its key and status, more of it in a popover. It changes when
//! the issue does.

use leptos::prelude::*;

use super::badge::issue_status;
use super::when::When;
use crate::api;
use crate::error::Result;
use crate::live::{Heard, use_live};
use crate::model::id::IssueId;
use crate::model::issue::Issue;
use crate::model::live::What;

/// See the [module](self).
#[component]
pub fn IssueBadge(id: IssueId) -> impl IntoView {
    let issue = RwSignal::new(None::<Result<Issue>>);
    let read = move || async move {
        let answer = api::issues::read_issue(id).await.map(|detail| detail.issue);
        // It may be gone from the page by now.
        let _ = issue.try_set(Some(answer));
    };
    // It stands in what is awaited, where no resource can be made.
    Effect::new(move |_| leptos::task::spawn_local(read()));
    use_live(move |heard| match heard {
        Heard::Changed(What::IssueUpdated { issue_id } | What::IssueDeleted { issue_id }) if issue_id == id => {
            leptos::task::spawn_local(read());
        }
        Heard::Missed => leptos::task::spawn_local(read()),
        Heard::Changed(_) => {}
    });
    move || match issue.get() {
        None => view! { <span class="hint">"Reading…"</span> }.into_any(),
        Some(Ok(issue)) => view! { <Shown issue/> }.into_any(),
        Some(Err(_)) => view! { <span class="hint">"an issue that was deleted"</span> }.into_any(),
    }
}

#[component]
fn Shown(issue: Issue) -> impl IntoView {
    let popover = format!("popover-{}", issue.id);
    let href = format!("/projects/{}/issues/{}", issue.project_id, issue.id);
    let name = issue.key.clone().unwrap_or_else(|| issue.title.clone());
    view! {
        <span class="issue-badge">
            <button type="button" popovertarget=popover.clone()>
                {name}
                {issue_status(issue.status_kind, &issue.status)}
            </button>
            <span id=popover popover="auto" class="popover">
                <a href=href class="title">{issue.title}</a>
                <span class="facts">
                    {issue.assignee.map(|name| view! { <span>"Assignee " <b>{name}</b></span> })}
                    {issue.priority.map(|text| view! { <span>"Priority " <b>{text}</b></span> })}
                    <span>"Changed " <b><When time=issue.tracker_updated_at.unwrap_or(issue.updated_at)/></b></span>
                </span>
            </span>
        </span>
    }
}
