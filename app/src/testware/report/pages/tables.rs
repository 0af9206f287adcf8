//! The tables of reports, next to the charts.

use leptos::prelude::*;

use crate::components::live_table::cell;
use crate::components::number::grouped;
use crate::components::progress::ORDER;
use crate::components::table::plain_table;
use crate::model::id::ProjectId;
use crate::model::item_id::ItemId;
use crate::testware::case::CaseId;
use crate::testware::execution::{Counts, ResultStatus};
use crate::testware::report::SlowCase;
use crate::time::duration_text;

/// A row of counts.
pub struct CountRow {
    pub name: AnyView,
    pub counts: Counts,
}

/// A table with a column for each status that occurs.
pub fn count_table(heading: &'static str, rows: Vec<CountRow>) -> AnyView {
    let occurs = |status: &ResultStatus| rows.iter().any(|row| row.counts.for_status(*status) > 0);
    let statuses: Vec<ResultStatus> = ORDER.into_iter().filter(occurs).collect();
    let headings =
        statuses.iter().map(|status| view! { <th class="num" scope="col">{status.label()}</th> }).collect_view();
    let row = |CountRow { name, counts }| {
        let number = |label, count| view! { <td class="num" data-label=label>{grouped(count)}</td> };
        let cells = statuses.iter().map(|status| number(status.label(), counts.for_status(*status))).collect_view();
        view! { <tr><td class="primary-cell">{name}</td>{cells}{number("Total", counts.total())}</tr> }
    };
    let rows = rows.into_iter().map(row).collect_view();
    view! {
        <div class="table-wrap">
            <table class="stack counts">
                <thead><tr><th scope="col">{heading}</th>{headings}<th class="num" scope="col">"Total"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The durations of cases.
pub fn slowest_table(cases: &[SlowCase], project: ProjectId) -> AnyView {
    let row = |case: &SlowCase| {
        view! {
            <tr>
                <td class="primary-cell">{case_link(case.case_id, case.key.clone(), case.title.clone(), project)}</td>
                {cell("Average", duration_text(case.average_seconds))}
                {cell("Longest", duration_text(case.longest_seconds))}
                {cell("Results", grouped(case.results))}
            </tr>
        }
    };
    let rows = cases.iter().map(row).collect_view();
    plain_table("", &["Case", "Average", "Longest", "Results"], rows)
}

/// The key and title of a case.
pub fn case_link(id: CaseId, key: String, title: String, project: ProjectId) -> AnyView {
    item_link(Some(id.into()), Some(key), title, project)
}

/// The key and name of an item, or only the name if there is none.
pub fn item_link(id: Option<ItemId>, key: Option<String>, name: String, project: ProjectId) -> AnyView {
    match id {
        Some(id) => view! {
            <span class="key">{key}</span>" "<a class="title" dir="auto" href=id.path(project)>{name}</a>
        }
        .into_any(),
        None => name.into_any(),
    }
}
