//! The table that follows live changes. Deliveries, issues and testware share it, so the browser
//! loads its code once. Each page renders its own rows.
//!
//! After a relevant change it reads its page again: the server decides which rows match the filters
//! and in which order.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use uuid::Uuid;

use super::dynamic::{dynamic, dynamic_value};
use super::hovered_row::keep_hovered_row;
use super::relative_time::RelativeTime;
use crate::error::Result;
use crate::live::{Row, Rows, use_refetcher};
use crate::model::delivery::Delivery;
use crate::model::issue::Issue;
use crate::model::live::ChangeKind;
use crate::model::page::Page;
use crate::testware::item::TestwareItem;
use crate::testware::result::TestResult;
use crate::testware::run::RunCase;

/// A row of the table.
#[derive(Clone, PartialEq)]
pub enum TableRow {
    /// A delivery.
    Delivery(Delivery),
    /// An issue.
    Issue(Issue),
    /// A case, a run or a session.
    Item(TestwareItem),
    /// A case within a run.
    Case(RunCase),
    /// A result.
    Result(TestResult),
}

/// The rows of a table, by UUID.
pub type TableRows = Rows<Uuid, TableRow>;

/// Renders the `<tr>` of a row.
pub type RowRenderer = Arc<dyn Fn(Row<Uuid, TableRow>) -> AnyView + Send + Sync>;

impl TableRow {
    /// The delivery, in a table of deliveries.
    pub fn delivery(&self) -> Option<&Delivery> {
        if let Self::Delivery(delivery) = self { Some(delivery) } else { None }
    }

    /// A row with its key.
    pub fn keyed(self) -> (Uuid, Self) {
        let id = match &self {
            Self::Delivery(delivery) => delivery.id.0,
            Self::Issue(issue) => issue.id.0,
            Self::Item(item) => item.id.uuid(),
            Self::Case(case) => case.case_id.0,
            Self::Result(result) => result.id.0,
        };
        (id, self)
    }
}

/// One page of a live list.
#[derive(Clone, Copy)]
pub struct LivePage {
    /// Its rows.
    pub rows: TableRows,
    /// The cursor of the next page.
    pub next: RwSignal<Option<String>>,
    /// The cursor of the previous page, if the list can go back.
    pub previous: RwSignal<Option<String>>,
}

impl LivePage {
    /// Shows a page, and calls `read` again after changes. `changed_id` returns the ID of a change
    /// to a row of this list. New rows appear only on the first page, so later pages only react to
    /// changes of their own rows.
    pub fn new(
        page: Page<TableRow>,
        on_first_page: bool,
        changed_id: impl Fn(&ChangeKind) -> Option<Uuid> + Send + Sync + 'static,
        read: impl Fn() -> LocalBoxFuture<'static, Result<Page<TableRow>>> + Send + Sync + 'static,
    ) -> Self {
        let rows = Rows::new(page.items.into_iter().map(TableRow::keyed));
        let this = Self { rows, next: RwSignal::new(page.next_cursor), previous: RwSignal::new(page.previous_cursor) };
        use_refetcher(
            move |change| changed_id(change).is_some_and(|id| on_first_page || rows.contains(id)),
            move || {
                let reading = read();
                Box::pin(async move {
                    // A failed request is repeated after the next change or reconnection.
                    if let Ok(page) = reading.await {
                        keep_hovered_row(|| rows.reconcile(page.items.into_iter().map(TableRow::keyed)));
                        let _ = this.next.try_set(page.next_cursor);
                        let _ = this.previous.try_set(page.previous_cursor);
                    }
                })
            },
        );
        this
    }
}

/// A row whose cells are rendered again when it changes. The `last` cells stay as they are, because
/// they hold buttons that the user may be about to press.
pub fn row_of_cells(
    cells: impl Fn(TableRow) -> AnyView + Send + Sync + 'static,
    last: Option<Arc<dyn Fn(TableRow) -> AnyView + Send + Sync>>,
) -> RowRenderer {
    let cells = Arc::new(cells);
    Arc::new(move |row| {
        let (flash, value, cells) = (row.flash(), row.value, Arc::clone(&cells));
        let last = last.as_ref().map(|last| last(value.get_untracked()));
        view! { <tr data-flash=flash>{dynamic(move || cells(value.get()))}{last}</tr> }.into_any()
    })
}

/// Hidden while the table has no rows.
pub fn live_table(rows: TableRows, class: &'static str, head: AnyView, row: RowRenderer) -> AnyView {
    view! {
        <div class="table-wrap" hidden=dynamic_value(move || rows.is_empty())>
            <table class=class>
                <thead><tr>{head}</tr></thead>
                <tbody><For each=move || rows.get() key=|row| row.id children=move |value| row(value)/></tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Plain column headings.
pub fn headings(names: &'static [&'static str]) -> AnyView {
    names.iter().map(|&name| view! { <th>{name}</th> }).collect_view().into_any()
}

/// A cell with a relative time, in the first line of the row on narrow screens.
pub fn time_cell(label: &'static str, time: DateTime<Utc>) -> AnyView {
    view! { <td class="time-cell" data-label=label><RelativeTime time/></td> }.into_any()
}

/// A cell. On narrow screens, its column's name is shown next to it, unless the table is compact.
pub fn cell(label: &'static str, content: impl IntoAny) -> AnyView {
    view! { <td data-label=label>{content.into_any()}</td> }.into_any()
}
