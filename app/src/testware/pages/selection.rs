//! The selection in a list of items. It is kept over the pages of the list, until it is changed or cleared, or the filters
//! change.

use leptos::prelude::*;

use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::live_table::TableRow;
use crate::live::Row;
use crate::model::item_id::ItemId;
use crate::testware::case::bulk::MAX_BULK_CASES;
use crate::testware::item::TestwareItem;
use uuid::Uuid;

/// The maximum number of selected items: what one request may change.
pub const MAX_SELECTED: usize = MAX_BULK_CASES;

/// The selected items, in the order of selection.
#[derive(Clone, Copy)]
pub struct Selection {
    ids: RwSignal<Vec<ItemId>>,
    /// The items on the page.
    page: RwSignal<Vec<ItemId>>,
}

impl Selection {
    /// An empty selection.
    pub fn new() -> Self {
        Self { ids: RwSignal::new(Vec::new()), page: RwSignal::new(Vec::new()) }
    }

    /// The number of selected items.
    pub fn count(self) -> u32 {
        u32::try_from(self.ids.with(Vec::len)).unwrap_or(u32::MAX)
    }

    /// The selected items.
    pub fn ids(self) -> Vec<ItemId> {
        self.ids.get()
    }

    /// Deselects all.
    pub fn clear(self) {
        let _ = self.ids.try_set(Vec::new());
    }

    /// Sets what [`set_page`](Self::set_page) selects.
    pub fn show(self, page: Vec<ItemId>) {
        let _ = self.page.try_set(page);
    }

    /// Selects or deselects the items on the page.
    pub fn set_page(self, on: bool) {
        self.set(&self.page.get_untracked(), on);
    }

    /// How many items on the page are selected, and how many there are.
    fn on_page(self) -> (usize, usize) {
        let selected = self.ids.with(|ids| self.page.with(|page| page.iter().filter(|id| ids.contains(id)).count()));
        (selected, self.page.with(Vec::len))
    }

    fn set(self, items: &[ItemId], on: bool) {
        self.ids.update(|ids| {
            if on {
                let new: Vec<_> = items.iter().filter(|id| !ids.contains(id)).copied().collect();
                ids.extend(new);
                ids.truncate(MAX_SELECTED);
            } else {
                ids.retain(|id| !items.contains(id));
            }
        });
    }
}

/// The heading of the column: selects all items on the page, or none.
pub fn select_all(selection: Selection) -> AnyView {
    let of = Memo::new(move |_| selection.on_page());
    view! {
        <th class="pick">
            <input
                type="checkbox"
                class="needs-script"
                aria-label="Select all on this page"
                prop:checked=dynamic_value(move || of.get().1 != 0 && of.get().0 == of.get().1)
                prop:indeterminate=dynamic_value(move || of.get().0 != 0 && of.get().0 != of.get().1)
                on:change=move |event| selection.set_page(event_target_checked(&event))
            />
        </th>
    }
    .into_any()
}

/// A row with a checkbox, which stays when the other cells are rendered again.
pub fn selectable_row(
    row: Row<Uuid, TableRow>,
    selection: Selection,
    cells: impl Fn(TableRow) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let (flash, value) = (row.flash(), row.value);
    let item = |row: &TableRow| if let TableRow::Item(item) = row { Some(item.clone()) } else { None };
    let Some(TestwareItem { id, .. }) = value.with_untracked(item) else { return ().into_any() };
    let label = {
        let value = value.clone();
        move || value.with(item).map(|item| format!("Select {} {}", item.key, item.title))
    };
    view! {
        <tr data-flash=flash>
            <td class="pick">
                <input
                    type="checkbox"
                    class="needs-script"
                    aria-label=dynamic_value(label)
                    prop:checked=dynamic_value(move || selection.ids.with(|ids| ids.contains(&id)))
                    on:change=move |event| {
                        selection.set(&[id], event_target_checked(&event));
                        // At the maximum, it stays off.
                        selection.ids.notify();
                    }
                />
            </td>
            {dynamic(move || cells(value.get()))}
        </tr>
    }
    .into_any()
}
