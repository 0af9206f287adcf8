//! The runs and sessions of a milestone or a plan.

use leptos::prelude::*;

use crate::components::live_table::{cell, time_cell};
use crate::components::progress::progress;
use crate::components::table::plain_table;
use crate::testware::item::TestwareItem;
use crate::testware::pages::item_badges;

/// Shown instead of an empty progress bar.
pub const NO_PROGRESS: &str = "No results";

/// A table of them, or a hint what to do.
pub fn members(items: Vec<TestwareItem>, none: &'static str) -> AnyView {
    if items.is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    let rows = items
        .into_iter()
        .map(|item| {
            let state = item_badges(&item);
            view! {
                <tr>
                    <td class="primary-cell">
                        <span class="item-title">
                            <span class="key">{item.key}</span>
                            <a class="title" dir="auto" href=item.id.path(item.project_id) title=item.title.clone()>{item.title.clone()}</a>
                        </span>
                    </td>
                    {cell("State", view! { <span class="badges">{state}</span> })}
                    {cell("Progress", progress(&item.counts, NO_PROGRESS))}
                    {time_cell("Updated", item.updated_at)}
                </tr>
            }
        })
        .collect_view();
    plain_table("compact issues", &["Name", "State", "Progress", "Updated"], rows)
}
