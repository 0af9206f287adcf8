//! Tables without live updates.

use leptos::prelude::*;

/// The cells of each row follow the headings.
pub fn plain_table(class: &'static str, headings: &'static [&'static str], rows: impl IntoView + 'static) -> AnyView {
    table(class, headings, ().into_any(), rows.into_any())
}

/// The last column has the actions of each row, so the rows have one cell more than there are headings. `class` is for
/// tables with many columns or actions.
pub fn actions_table(class: &'static str, headings: &'static [&'static str], rows: impl IntoView + 'static) -> AnyView {
    let actions = view! { <th class="actions-heading"><span class="visually-hidden">"Actions"</span></th> };
    table(class, headings, actions.into_any(), rows.into_any())
}

fn table(class: &'static str, headings: &'static [&'static str], last_heading: AnyView, rows: AnyView) -> AnyView {
    let headings = headings.iter().map(|&heading| view! { <th>{heading}</th> }).collect_view();
    view! {
        <div class="table-wrap">
            <table class=format!("stack {class}")>
                <thead><tr>{headings}{last_heading}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
