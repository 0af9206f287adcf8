//! The cases of a run on its page: the status of each, and the way to add a result.

use std::sync::Arc;

use leptos::prelude::*;

use super::lines::{Line, Lines, cell, table};
use crate::components::badge;
use crate::model::id::ProjectId;
use crate::model::item::ItemId;
use crate::model::test_run::RunCase;
use crate::place::{Place, use_place};

/// The lines of a page of cases.
pub fn lines(cases: Vec<RunCase>) -> impl Iterator<Item = (uuid::Uuid, Line)> {
    cases.into_iter().map(|case| Line::Case(case).keyed())
}

/// Their table; results are added while the run is `open`.
pub fn cases_table(lines: Lines, project: ProjectId, open: Memo<bool>) -> AnyView {
    let place = use_place();
    let add = Arc::new(move |line| add_cell(line, place, open));
    table(lines, &["Case", "Priority", "Status", "Result"], Arc::new(move |line| cells(line, project)), Some(add))
}

fn cells(line: Line, project: ProjectId) -> AnyView {
    let Line::Case(case) = line else { return ().into_any() };
    view! {
        <td class="main">
            <span class="key">{case.key}</span>
            <a class="title" href=ItemId::Case(case.case_id).path(project)>{case.title}</a>
        </td>
        {cell("Priority", case.priority.label())}
        {cell("Status", badge::result(case.status))}
    }
    .into_any()
}

/// The way to add a result, while the run takes some.
fn add_cell(line: Line, place: Place, open: Memo<bool>) -> AnyView {
    let Line::Case(case) = line else { return ().into_any() };
    let id = case.case_id.to_string();
    let href = move || place.with(&[("result", Some(&id))]);
    let label = format!("Add result to {}", case.key);
    view! {
        <td class="end">
            <a class="button small" href=href hidden=move || !open.get() data-noscroll="" aria-label=label>"Add result"</a>
        </td>
    }
    .into_any()
}
