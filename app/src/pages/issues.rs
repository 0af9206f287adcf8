//! `/projects/{id}/issues`: the issues, with search and filters in the address. The rows change as
//! the issues do.

use leptos::prelude::*;
use leptos_meta::Title;

use super::issue_form::NewIssueDialog;
use crate::api;
use crate::components::badge::issue_status;
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::live::{Gather, Heard, Row, Rows, use_live};
use crate::model::id::{IssueId, ProjectId};
use crate::model::issue::{Issue, IssueQuery, StatusKind};
use crate::model::live::What;
use crate::model::page::Page;
use crate::place::{Place, use_place};

/// More changes at once than this, and the page is read again as a whole.
const ONE_BY_ONE: usize = 10;

/// See the [module](self).
#[component]
pub fn Issues() -> impl IntoView {
    let id = use_project();
    let place = use_place();
    let query = Memo::new(move |_| asked_for(place));
    let issues = Resource::new(
        move || query.get(),
        move |query| async move {
            let page = api::issues::list_issues(id, query).await?;
            // Only an empty page says where issues come from.
            let tracked = if page.items.is_empty() { tracked(id).await? } else { true };
            Ok::<_, Error>((page, tracked))
        },
    );
    view! {
        <Title text="Issues"/>
        <header class="page-head">
            <div>
                <h1>"Issues"</h1>
                <p class="lead">"Made here, or mirrored from the tracker as they change."</p>
            </div>
            <a class="button primary" href=move || place.with(&[("new", Some("issue"))]) data-noscroll="">
                {icon(Icon::Plus)}"New issue"
            </a>
        </header>
        <Filters
            label="Search the issues"
            choices=vec![Choice {
                label: "Status",
                param: "status",
                all: "All",
                values: StatusKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect(),
            }]
            free=&["label", "assignee"]
        />
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match issues.await {
                    Ok((page, tracked)) => {
                        let reload = move |()| issues.refetch();
                        view! { <List page tracked query=query.get_untracked() project=id reload/> }.into_any()
                    }
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
        <NewIssueDialog project=id/>
    }
}

/// Whether the project is connected to a tracker that tells of its issues.
async fn tracked(project: ProjectId) -> Result<bool> {
    let integration = api::integrations::read_integration(project).await?;
    Ok(integration.is_some_and(|integration| integration.provider.has_inbound()))
}

/// What the address asks for.
fn asked_for(place: Place) -> IssueQuery {
    IssueQuery {
        search: place.param("search"),
        status: place.parsed("status"),
        label: place.param("label"),
        assignee: place.param("assignee"),
        limit: None,
        cursor: place.param("cursor"),
    }
}

#[component]
fn List(
    page: Page<Issue>,
    tracked: bool,
    query: IssueQuery,
    project: ProjectId,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let complete = page.next_cursor.is_none();
    let on_first_page = query.cursor.is_none();
    let filtered =
        query.search.is_some() || query.status.is_some() || query.label.is_some() || query.assignee.is_some();
    let rows = Rows::new(page.items.into_iter().map(|issue| (issue.id, issue)));
    let asked = StoredValue::new(query);
    let read = move |id: IssueId| async move {
        match api::issues::read_issue(id).await {
            Ok(detail) if detail.issue.project_id != project => {}
            Ok(detail) => {
                let issue = detail.issue;
                if rows.contains(id) {
                    rows.change(id, issue);
                } else if on_first_page && asked.try_with_value(|asked| asked.admits(&issue)) == Some(true) {
                    rows.put(id, issue, complete);
                }
            }
            Err(Error::NotFound) => rows.remove(id),
            // The next change brings it, or the next connection.
            Err(_) => {}
        }
    };
    let changed = Gather::new(move |ids: Vec<IssueId>| {
        if ids.len() > ONE_BY_ONE {
            reload.run(());
        } else {
            for id in ids {
                leptos::task::spawn_local(read(id));
            }
        }
    });
    use_live(move |heard| match heard {
        Heard::Changed(What::IssueCreated { issue_id }) => changed.add(issue_id),
        Heard::Changed(What::IssueUpdated { issue_id }) if on_first_page || rows.contains(issue_id) => {
            changed.add(issue_id)
        }
        Heard::Changed(What::IssueDeleted { issue_id }) => rows.remove(issue_id),
        Heard::Changed(_) => {}
        Heard::Missed => reload.run(()),
    });
    let table = view! {
        <div class="table-wrap">
            <table class="stack issues">
                <thead>
                    <tr><th>"Issue"</th><th>"Status"</th><th>"Assignee"</th><th>"Changed"</th></tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id let:row>
                        <IssueRow row/>
                    </For>
                </tbody>
            </table>
        </div>
    };
    view! {
        <Show when=move || rows.is_empty()>
            <Nothing filtered tracked project/>
        </Show>
        <div hidden=move || rows.is_empty()>{table}</div>
        <Pager next=page.next_cursor/>
    }
}

#[component]
fn Nothing(filtered: bool, tracked: bool, project: ProjectId) -> impl IntoView {
    let base = format!("/projects/{project}");
    if filtered {
        return view! {
            <Empty sign=Icon::Issue title="No issue like that">
                <p>"Nothing matches the search and the filters."</p>
                <a class="button" href=format!("{base}/issues")>"Show all issues"</a>
            </Empty>
        }
        .into_any();
    }
    if tracked {
        return view! {
            <Empty sign=Icon::Issue title="No issue yet">
                <p>"Issues appear here as the tracker's events come in by the inbound webhook. Or make one by hand."</p>
                <a class="button primary" href="?new=issue" data-noscroll="">"New issue"</a>
                <a class="button" href=format!("{base}/settings/webhooks")>"Webhooks"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty sign=Icon::Issue title="No issue yet">
            <p>"Connect the project to its tracker, and issues appear here as they change. Or make one by hand."</p>
            <a class="button primary" href=format!("{base}/settings/integration")>"Connect a tracker"</a>
            <a class="button" href="?new=issue" data-noscroll="">"New issue"</a>
        </Empty>
    }
    .into_any()
}

#[component]
fn IssueRow(row: Row<IssueId, Issue>) -> impl IntoView {
    let place = use_place();
    let flash = row.flash();
    let value = row.value;
    let cells = move || {
        let issue = value.get();
        let href = format!("/projects/{}/issues/{}", issue.project_id, issue.id);
        let labels = issue
            .labels
            .into_iter()
            .map(|label| {
                let name = label.clone();
                let to = move || place.with(&[("label", Some(&name)), ("cursor", None)]);
                view! { <a class="label" href=to data-noscroll="">{label}</a> }
            })
            .collect_view();
        view! {
            <td class="main">
                {issue.key.map(|key| view! { <span class="key">{key}</span> })}
                <a class="title" href=href>{issue.title}</a>
                <span class="labels">{labels}</span>
            </td>
            <td data-label="Status">{issue_status(issue.status_kind, &issue.status)}</td>
            <td data-label="Assignee">{issue.assignee.unwrap_or_else(|| "Nobody".to_owned())}</td>
            <td data-label="Changed"><When time=issue.tracker_updated_at.unwrap_or(issue.updated_at)/></td>
        }
    };
    view! { <tr data-flash=flash>{cells}</tr> }
}
