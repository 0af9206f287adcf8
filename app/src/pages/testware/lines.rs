//! The tables of testware. All are one table of lines, so that the browser holds it once; each says
//! what the cells of a line are. A line changes in place.

use std::sync::Arc;

use leptos::prelude::*;
use uuid::Uuid;

use crate::live::{Row, Rows};
use crate::model::item::Item;
use crate::model::test_run::RunCase;
use crate::model::testware::TestResult;

/// What a line shows.
#[derive(Clone, PartialEq)]
pub enum Line {
    /// A case, a run or a session.
    Item(Item),
    /// A case within a run.
    Case(RunCase),
    /// A result.
    Result(TestResult),
}

/// The lines of a table.
pub type Lines = Rows<Uuid, Line>;

/// Draws the cells of a line.
pub type Cells = Arc<dyn Fn(Line) -> AnyView + Send + Sync>;

impl Line {
    /// What tells it from others, and itself.
    pub fn keyed(self) -> (Uuid, Self) {
        let id = match &self {
            Self::Item(item) => item.id.uuid(),
            Self::Case(case) => case.case_id.0,
            Self::Result(result) => result.id.0,
        };
        (id, self)
    }
}

/// See the [module](self). `cells` are drawn again when their line changes; the `last` ones, which
/// hold what a person may just be about to press, stay as they are.
pub fn table(lines: Lines, heads: &'static [&'static str], cells: Cells, last: Option<Cells>) -> AnyView {
    let heads = heads.iter().map(|&head| view! { <th>{head}</th> }).collect_view();
    let row = move |row: Row<Uuid, Line>| {
        let (flash, value, cells) = (row.flash(), row.value, Arc::clone(&cells));
        let last = last.as_ref().map(|last| last(value.get_untracked()));
        view! { <tr data-flash=flash>{move || cells(value.get())}{last}</tr> }
    };
    view! {
        <div class="table-wrap" hidden=move || lines.is_empty()>
            <table class="stack issues">
                <thead><tr>{heads}</tr></thead>
                <tbody><For each=move || lines.get() key=|row| row.id children=row/></tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A cell; what its column is called stands beside it where there is no room for columns.
pub fn cell(label: &'static str, content: impl IntoAny) -> AnyView {
    view! { <td data-label=label>{content.into_any()}</td> }.into_any()
}
