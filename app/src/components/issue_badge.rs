//! An issue wherever it is mentioned: its key and status, more of it in a popover. It changes when
//! the issue does.

use leptos::prelude::*;

use super::badge::issue_status;
use super::when::When;
use crate::api;
use crate::live::{Heard, use_live};
use crate::model::id::IssueId;
use crate::model::issue::Issue;
use crate::model::live::What;

/// See the [module](self).
#[component]
pub fn IssueBadge(id: IssueId) -> impl IntoView {
    let issue = Resource::new(|| (), move |()| api::issues::read_issue(id));
    use_live(move |heard| match heard {
        Heard::Changed(What::IssueUpdated { issue_id } | What::IssueDeleted { issue_id }) if issue_id == id => {
            issue.refetch();
        }
        Heard::Missed => issue.refetch(),
        Heard::Changed(_) => {}
    });
    view! {
        <Transition fallback=|| view! { <span class="issue-badge">"Issue"</span> }>
            {move || Suspend::new(async move {
                match issue.await {
                    Ok(detail) => view! { <Shown issue=detail.issue/> }.into_any(),
                    Err(_) => view! { <span class="hint">"an issue that was deleted"</span> }.into_any(),
                }
            })}
        </Transition>
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
