//! Results: of a run or session on its page, and of all of them on the page of an issue that they
//! are linked to.

use std::sync::Arc;

use leptos::prelude::*;

use super::lines::{Line, Lines, cell, table};
use crate::api;
use crate::components::badge;
use crate::components::failure::PageError;
use crate::components::issue_badge::IssueBadge;
use crate::components::pager::Pager;
use crate::components::when::When;
use crate::error::Result;
use crate::layout::use_project;
use crate::live::{Rows, reread};
use crate::model::id::{IssueId, ProjectId};
use crate::model::item::{ItemId, Kind};
use crate::model::page::{Page, PageQuery};
use crate::model::testware::TestResult;

/// The lines of a page of results.
pub fn lines(page: Vec<TestResult>) -> impl Iterator<Item = (uuid::Uuid, Line)> {
    page.into_iter().map(|result| Line::Result(result).keyed())
}

/// A table of results; `of_issue` where each says which run or session it belongs to.
pub fn results_table(lines: Lines, project: ProjectId, of_issue: bool) -> AnyView {
    let heads: &[&str] = &["Result", "Status", "Took", "Added by", "Added"];
    table(lines, heads, Arc::new(move |line| cells(line, project, of_issue)), None)
}

fn cells(line: Line, project: ProjectId, of_issue: bool) -> AnyView {
    let Line::Result(result) = line else { return ().into_any() };
    let parent = of_issue.then(|| {
        let id = result.run_id.map(ItemId::Run).or(result.session_id.map(ItemId::Session));
        id.map(|id| view! { <a class="title" href=id.path(project)>{result.parent_key.clone()}</a>" " })
    });
    let case = result.case_id.map(|id| {
        view! {
            <span class="key">{result.case_key}</span>
            <a class="title" href=ItemId::Case(id).path(project)>{result.case_title}</a>
        }
    });
    let (comment, within) = (result.comment, format!("{}-", result.id));
    let comment = (!comment.is_empty()).then(|| view! { <p class="plain">{comment}</p> });
    let issues = (!of_issue && !result.issues.is_empty()).then(|| {
        let badge = |issue: crate::model::testware::LinkedIssue| {
            let id = issue.id;
            view! { <IssueBadge id within=within.clone() known=issue/> }
        };
        view! { <p class="badges">{result.issues.into_iter().map(badge).collect_view()}</p> }
    });
    let took = result.elapsed_seconds.map_or_else(|| "–".to_owned(), crate::time::took);
    view! {
        <td class="main">{parent}{case}{comment}{issues}</td>
        {cell("Status", badge::result(result.status))}
        {cell("Took", took)}
        {cell("Added by", result.author)}
        {cell("Added", view! { <When time=result.created_at/> })}
    }
    .into_any()
}

/// The first results of an issue, as its page reads them with it.
pub async fn of_issue(id: IssueId, cursor: Option<String>) -> Result<Page<TestResult>> {
    api::issues::list_issue_results(id, PageQuery { limit: None, cursor }).await
}

/// The section of an issue's page.
#[component]
pub fn IssueResults(id: IssueId, cursor: Option<String>, found: Result<Page<TestResult>>) -> impl IntoView {
    let project = use_project();
    let page = match found {
        Ok(page) => page,
        Err(error) => return view! { <section><PageError error part=true/></section> }.into_any(),
    };
    let all = Rows::new(lines(page.items));
    reread(
        |what| Kind::Run.concerns(what) || Kind::Session.concerns(what),
        move || {
            let cursor = cursor.clone();
            Box::pin(async move {
                if let Ok(page) = of_issue(id, cursor).await {
                    all.follow(lines(page.items));
                }
            })
        },
    );
    view! {
        <section class="more">
            <h2>"Results"</h2>
            <Show when=move || all.is_empty()>
                <p class="hint">"No result is linked to this issue yet. Link it when you add a result to a run or a session."</p>
            </Show>
            {results_table(all, project, true)}
            <Pager next=page.next_cursor param="results" label="Pages of results"/>
        </section>
    }
    .into_any()
}
