//! The cases of a run: the status of each, and the link to add a result.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::case_keys::{KEYS, on_key};
use super::result_queue::ResultQueue;
use crate::components::badge;
use crate::components::dynamic::{ShowWhen, dynamic_value};
use crate::components::live_table::{TableRow, TableRows, cell, headings, live_table, row_of_cells};
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::execution::ResultStatus;
use crate::testware::run::RunCase;
use crate::url_state::{UrlState, use_url_state};

/// The rows of a page of cases.
pub fn rows(cases: Vec<RunCase>) -> impl Iterator<Item = (uuid::Uuid, TableRow)> {
    cases.into_iter().map(|case| TableRow::Case(case).keyed())
}

/// The table of cases. Results can be added while the run is `open`.
pub fn cases_table(
    rows: TableRows,
    (run, project): (ItemId, ProjectId),
    open: Memo<bool>,
    changed: Callback<()>,
) -> AnyView {
    let url_state = use_url_state();
    let add = Arc::new(move |row| add_cell(row, url_state, open));
    let head = headings(&["Case", "Priority", "Status", "Assignee", "Result"]);
    let queue = ResultQueue::new(run.uuid().into(), changed);
    let on_key = move |event: KeyboardEvent| {
        if let Some(new) = on_key(&event, open.get_untracked()) {
            queue.add(new);
        }
    };
    let hint = KEYS.iter().map(|(key, status)| {
        view! { <kbd>{key.to_ascii_uppercase()}</kbd>" "{status.label().to_ascii_lowercase()}", " }
    });
    let hint = hint.collect_view();
    view! {
        <p class="hint needs-script case-keys" hidden=dynamic_value(move || !open.get() || rows.is_empty())>
            "With the focus on a case: "{hint}<kbd>"N"</kbd>" next case."
        </p>
        <div on:keydown=on_key>
            {live_table(rows, "stack compact issues run-cases", head, row_of_cells(move |row| cells(row, project), Some(add)))}
        </div>
    }
    .into_any()
}

fn cells(row: TableRow, project: ProjectId) -> AnyView {
    let TableRow::Case(case) = row else { return ().into_any() };
    view! {
        <td class="primary-cell">
            <span class="item-title">
                <span class="key">{case.key}</span>
                <a class="title" dir="auto" href=ItemId::from(case.case_id).path(project) title=case.title.clone()>{case.title.clone()}</a>
            </span>
        </td>
        {cell("Priority", case.priority.label())}
        {cell("Status", badge::result_status(case.status))}
        {cell("Assignee", case.assignee.map(|name| view! { <span dir="auto">{name}</span> }))}
    }
    .into_any()
}

/// Which cases of a run are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShownCases {
    /// Only those assigned to the user.
    pub mine: bool,
    /// Only those with this status.
    pub status: Option<ResultStatus>,
}

/// The statuses after which there is something left to do.
const UNFINISHED: [ResultStatus; 4] =
    [ResultStatus::Untested, ResultStatus::Failed, ResultStatus::Blocked, ResultStatus::Retest];

/// The heading, the filters, and the link to assign what is not finished.
pub fn section_head(shown: ShownCases, rows: TableRows, open: Memo<bool>) -> AnyView {
    let url_state = use_url_state();
    let filter = move |param: &'static str, value: Option<&'static str>| {
        dynamic_value(move || url_state.with(&[(param, value), ("cases", None), ("assign", None)]))
    };
    let ShownCases { mine, status } = shown;
    let current = |on: bool| (mine == on).then_some("true");
    let with_status = move |only: Option<ResultStatus>| {
        let current = (status == only).then_some("true");
        let label = only.map_or("Any status", ResultStatus::label);
        view! { <a href=filter("status", only.map(ResultStatus::as_str)) data-noscroll="" aria-current=current>{label}</a> }
    };
    let statuses = UNFINISHED.into_iter().map(|status| with_status(Some(status))).collect_view();
    let assign = move || dynamic_value(move || url_state.with(&[("assign", Some("unfinished"))]));
    view! {
        <div class="section-head">
            <h2>"Cases"</h2>
            <nav class="chips" aria-label="Assignee">
                <a href=filter("mine", None) data-noscroll="" aria-current=current(false)>"All"</a>
                <a href=filter("mine", Some("true")) data-noscroll="" aria-current=current(true)>"Assigned to me"</a>
            </nav>
            <nav class="chips" aria-label="Status">{with_status(None)}{statuses}</nav>
            <ShowWhen when=move || open.get() && (mine || !rows.is_empty())>
                <a class="button" href=assign() data-noscroll="">"Assign cases"</a>
            </ShowWhen>
        </div>
    }
    .into_any()
}

/// Shown instead of an empty table.
pub const fn none_text(shown: ShownCases) -> &'static str {
    match shown {
        ShownCases { status: Some(_), .. } => "No cases with this status.",
        ShownCases { mine: true, .. } => "No case is assigned to you.",
        _ => "No cases yet. Edit the test run to add some.",
    }
}

/// The links to add a result and to assign the case.
fn add_cell(row: TableRow, url_state: UrlState, open: Memo<bool>) -> AnyView {
    let TableRow::Case(case) = row else { return ().into_any() };
    let id = case.case_id.to_string();
    let href = move || url_state.with(&[("result", Some(&id))]);
    let label = format!("Add result to {}", case.key);
    let assign = case.case_id.to_string();
    let assign = move || url_state.with(&[("assign", Some(&assign))]);
    let assign_label = format!("Assign {}", case.key);
    view! {
        <td class="actions-cell">
            <a class="button small quiet" href=dynamic_value(assign) hidden=dynamic_value(move || !open.get()) data-noscroll="" aria-label=assign_label>"Assign"</a>" "
            <a class="button small" href=dynamic_value(href) hidden=dynamic_value(move || !open.get()) data-noscroll="" data-case=case.case_id.to_string() aria-label=label>"Add result"</a>
        </td>
    }
    .into_any()
}
