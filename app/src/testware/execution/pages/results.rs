//! The results of a run or session on its page, and those linked to an issue on the issue's page.

use leptos::prelude::*;

use super::result_actions::ActionsCell;
use crate::api;
use crate::components::badge;
use crate::components::dynamic::{ShowWhen, dynamic};
use crate::components::failure::PageError;
use crate::components::issue_badge::IssueBadge;
use crate::components::live_table::{
    LivePage, TableRow, TableRows, cell, headings, live_table, row_of_cells, time_cell,
};
use crate::components::pager::Pager;
use crate::components::prose::prose;
use crate::error::Result;
use crate::layout::use_project;
use crate::model::id::{IssueId, ProjectId};
use crate::model::item_id::ItemId;
use crate::model::page::{Page, PageQuery};
use crate::testware::attachment::pages::list::attachment_links;
use crate::testware::result::{LinkedIssue, TestResult};

/// The rows of a page of results.
pub fn rows(page: Vec<TestResult>) -> impl Iterator<Item = (uuid::Uuid, TableRow)> {
    page.into_iter().map(|result| TableRow::Result(result).keyed())
}

/// A table of results. Without `actions`, it is that of an issue: each result names its run or session.
pub fn results_table(rows: TableRows, project: ProjectId, actions: Option<ActionsCell>) -> AnyView {
    let of_issue = actions.is_none();
    let head = match of_issue {
        true => headings(&["Result", "Status", "Duration", "Added by", "Added"]),
        false => headings(&["Result", "Status", "Duration", "Added by", "Added", "Actions"]),
    };
    live_table(rows, "stack compact issues", head, row_of_cells(move |row| cells(row, project, of_issue), actions))
}

fn cells(row: TableRow, project: ProjectId, of_issue: bool) -> AnyView {
    let TableRow::Result(result) = row else { return ().into_any() };
    let parent = of_issue.then(|| {
        let id = result.run_id.map(ItemId::from).or(result.session_id.map(ItemId::from));
        id.map(|id| view! { <a class="title" dir="auto" href=id.path(project)>{result.parent_key.clone()}</a>" " })
    });
    let case = result.case_id.map(|id| {
        view! {
            <span class="item-title">
                <span class="key">{result.case_key}</span>
                <a class="title" dir="auto" href=ItemId::from(id).path(project) title=result.case_title.clone()>{result.case_title.clone()}</a>
            </span>
        }
    });
    let within = format!("{}-", result.id);
    let comment = (!result.comment.is_empty()).then(|| prose(result.comment_html, ""));
    let issues = (!of_issue && !result.issues.is_empty()).then(|| {
        let badge = |issue: LinkedIssue| {
            let id = issue.id;
            view! { <IssueBadge id within=within.clone() known=issue/> }
        };
        view! { <p class="badges">{result.issues.into_iter().map(badge).collect_view()}</p> }
    });
    let attachments = attachment_links(result.attachments);
    let duration = result.elapsed_seconds.map_or_else(|| "–".to_owned(), crate::time::duration_text);
    view! {
        <td class="primary-cell">{parent}{case}{comment}{issues}{attachments}</td>
        {cell("Status", badge::result_status(result.status))}
        {cell("Duration", duration)}
        {cell("Added by", result.author)}
        {time_cell("Added", result.created_at)}
    }
    .into_any()
}

/// A page of the results of an issue.
pub async fn of_issue(id: IssueId, cursor: Option<String>) -> Result<Page<TestResult>> {
    api::issues::list_issue_results(id, PageQuery { limit: None, cursor }).await
}

/// The section of an issue's page.
#[component]
pub fn IssueResults(id: IssueId, cursor: Option<String>, found: Result<Page<TestResult>>) -> impl IntoView {
    let project = use_project();
    let page = match found {
        Ok(page) => page,
        Err(error) => return view! { <section><PageError error what="results" part=true/></section> }.into_any(),
    };
    let LivePage { rows, next, .. } = LivePage::new(
        page.map(TableRow::Result),
        true,
        |change| change.item().filter(|id| id.subject().is_execution()).map(ItemId::uuid),
        move || {
            let cursor = cursor.clone();
            Box::pin(async move { Ok(of_issue(id, cursor).await?.map(TableRow::Result)) })
        },
    );
    view! {
        <section class="more">
            <h2>"Results"</h2>
            <ShowWhen when=move || rows.is_empty()>
                <p class="hint">"No linked results yet. Link this issue when you add a result to a test run or a session."</p>
            </ShowWhen>
            {results_table(rows, project, None)}
            {dynamic(move || view! { <Pager next=next.get() param="results" label="Pages of results"/> })}
        </section>
    }
    .into_any()
}
