//! `/projects/{id}/issues`: the issues, with search and filters in the URL. The list follows live
//! changes.

use leptos::prelude::*;
use leptos_meta::Title;

use super::issue_form::NewIssueDialog;
use crate::api;
use crate::components::badge::issue_status;
use crate::components::dynamic::{ShowWhen, awaited, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::failure::PageError;
use crate::components::filters::{Choice, Filters};
use crate::components::icon::{Icon, icon};
use crate::components::issue_key::issue_key;
use crate::components::label_links::label_links;
use crate::components::live_table::{LivePage, TableRow, cell, headings, live_table, row_of_cells, time_cell};
use crate::components::pager::Pager;
use crate::components::skeleton::table_skeleton;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::model::catalog::Subject;
use crate::model::id::ProjectId;
use crate::model::issue::{Issue, IssueQuery, StatusKind};
use crate::model::page::Page;
use crate::page_resource::PageResource;
use crate::pages::no_matches::no_matches;
use crate::url_state::{UrlState, use_url_state};

const TABLE: &str = "stack compact issues";
const HEADINGS: &[&str] = &["Issue", "Status", "Assignee", "Updated"];

#[component]
pub fn Issues() -> impl IntoView {
    let id = use_project();
    let url_state = use_url_state();
    let query = Memo::new(move |_| query_from_url(url_state));
    let issues = PageResource::new(
        move || query.get(),
        move |query| async move {
            let page = api::issues::list_issues(id, query).await?;
            // Only an empty page needs to know whether there is a tracker.
            let has_tracker = if page.items.is_empty() { has_tracker(id).await? } else { true };
            Ok::<_, Error>((page, has_tracker))
        },
    );
    view! {
        <Title text="Issues"/>
        <header class="page-head">
            <div>
                <h1>"Issues"</h1>
                <p class="lead">{Subject::Issue.spec().lead}</p>
            </div>
            <a class="button primary" href=dynamic_value(move || url_state.with(&[("new", Some("issue"))])) data-noscroll="">
                {icon(Icon::Plus)}"New issue"
            </a>
        </header>
        <Filters
            label="Search issues"
            choices=vec![Choice {
                label: "Status",
                param: "status",
                all: "All",
                values: StatusKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect(),
            }]
            free=&["label", "assignee"]
        />
        <Transition fallback=|| view! { {table_skeleton(TABLE, HEADINGS)} }>
            {awaited(move || async move {
                match issues.await {
                    Ok((page, has_tracker)) => {
                        view! { <List page has_tracker query=query.get_untracked() project=id/> }.into_any()
                    }
                    Err(error) => view! { <PageError error what="issues" part=true/> }.into_any(),
                }
            })}
        </Transition>
        <NewIssueDialog project=id/>
    }
}

/// Whether the project has a tracker that sends events.
async fn has_tracker(project: ProjectId) -> Result<bool> {
    let integration = api::integrations::read_integration(project).await?;
    Ok(integration.is_some_and(|integration| integration.provider.has_inbound()))
}

fn query_from_url(url_state: UrlState) -> IssueQuery {
    IssueQuery {
        search: url_state.param("search"),
        status: url_state.parsed("status"),
        label: url_state.param("label"),
        assignee: url_state.param("assignee"),
        limit: None,
        cursor: url_state.param("cursor"),
    }
}

#[component]
fn List(page: Page<Issue>, has_tracker: bool, query: IssueQuery, project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let filtered = IssueQuery { cursor: None, ..query.clone() } != IssueQuery::default();
    let on_first_page = query.cursor.is_none();
    let LivePage { rows, next, .. } = LivePage::new(
        page.map(TableRow::Issue),
        on_first_page,
        |change| change.item_of(Subject::Issue),
        move || {
            let query = query.clone();
            Box::pin(async move { Ok(api::issues::list_issues(project, query).await?.map(TableRow::Issue)) })
        },
    );
    let row = row_of_cells(move |row| cells(row, url_state), None);
    view! {
        <ShowWhen when=move || rows.is_empty()>
            <EmptyIssues filtered has_tracker project/>
        </ShowWhen>
        {live_table(rows, TABLE, headings(HEADINGS), row)}
        {dynamic(move || view! { <Pager next=next.get()/> })}
    }
}

#[component]
fn EmptyIssues(filtered: bool, has_tracker: bool, project: ProjectId) -> impl IntoView {
    let base = format!("/projects/{project}");
    if filtered {
        return no_matches(Subject::Issue, project);
    }
    if has_tracker {
        return view! {
            <Empty icon=Icon::Issue title="No issues yet">
                <p>{Subject::Issue.spec().first_step}</p>
                <a class="button primary" href="?new=issue" data-noscroll="">"New issue"</a>
                <a class="button" href=format!("{base}/settings/webhooks")>"Webhooks"</a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty icon=Icon::Issue title="No issues yet">
            <p>"Connect a tracker to sync its issues. Or create one manually."</p>
            <a class="button primary" href=format!("{base}/settings/integration")>"Connect a tracker"</a>
            <a class="button" href="?new=issue" data-noscroll="">"New issue"</a>
        </Empty>
    }
    .into_any()
}

fn cells(row: TableRow, url_state: UrlState) -> AnyView {
    let TableRow::Issue(issue) = row else { return ().into_any() };
    let href = format!("{}/{}", Subject::Issue.list_path(issue.project_id), issue.id);
    let updated_at = issue.tracker_updated_at.unwrap_or(issue.updated_at);
    view! {
        <td class="primary-cell">
            <span class="item-title">
                {issue.key.map(issue_key)}
                <a class="title" dir="auto" href=href title=issue.title.clone()>{issue.title.clone()}</a>
            </span>
            {label_links(issue.labels, url_state)}
        </td>
        {cell("Status", issue_status(issue.status_kind, &issue.status))}
        {cell("Assignee", issue.assignee.unwrap_or_else(|| "Unassigned".to_owned()))}
        {time_cell("Updated", updated_at)}
    }
    .into_any()
}
