//! A table without live updates. Its last column has the actions of each row.

use leptos::prelude::*;

/// The rows have one cell more than there are headings. `class` is for tables with many columns or actions.
pub fn actions_table(class: &'static str, headings: &'static [&'static str], rows: impl IntoView + 'static) -> AnyView {
    let headings = headings.iter().map(|&heading| view! { <th>{heading}</th> }).collect_view();
    view! {
        <div class="table-wrap">
            <table class=format!("stack {class}")>
                <thead><tr>{headings}<th class="actions-heading"><span class="visually-hidden">"Actions"</span></th></tr></thead>
                <tbody>{rows.into_any()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
