//! Links to the other pages of a list.

use leptos::prelude::*;

use super::dynamic::dynamic_value;
use crate::url_state::use_url_state;

/// The pager of a list. Its links can be shared. On a page with two lists, each uses its own
/// parameter.
#[component]
pub fn Pager(
    next: Option<String>,
    /// The cursor of the previous page, if the list can go back.
    #[prop(optional_no_strip)]
    previous: Option<String>,
    #[prop(default = "cursor")] param: &'static str,
    #[prop(default = "Pages")] label: &'static str,
) -> impl IntoView {
    let url_state = use_url_state();
    let on_later_page = untrack(|| url_state.param(param).is_some());
    let first = on_later_page.then(
        || view! { <a class="button" href=dynamic_value(move || url_state.with(&[(param, None)]))>"First page"</a> },
    );
    let previous = previous.map(|cursor| {
        view! { <a class="button" href=dynamic_value(move || url_state.with(&[(param, Some(&cursor))]))>"Previous"</a> }
    });
    let next = next.map(|cursor| {
        view! { <a class="button" href=dynamic_value(move || url_state.with(&[(param, Some(&cursor))]))>"Next page"</a> }
    });
    (on_later_page || next.is_some())
        .then(|| view! { <nav class="pager" aria-label=label>{first}{previous}{next}</nav> })
}
