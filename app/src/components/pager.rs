//! The way to the next page of a list, and back to the first.

use leptos::prelude::*;

use crate::place::use_place;

/// Links, so that they work at once and can be shared. A page with two lists names the parameter of
/// each.
#[component]
pub fn Pager(
    next: Option<String>,
    #[prop(default = "cursor")] param: &'static str,
    #[prop(default = "Pages")] label: &'static str,
) -> impl IntoView {
    let place = use_place();
    let on_later_page = untrack(|| place.param(param).is_some());
    let first =
        on_later_page.then(|| view! { <a class="button" href=move || place.with(&[(param, None)])>"First page"</a> });
    let next = next.map(|cursor| {
        view! { <a class="button" href=move || place.with(&[(param, Some(&cursor))])>"Next page"</a> }
    });
    (on_later_page || next.is_some()).then(|| view! { <nav class="pager" aria-label=label>{first}{next}</nav> })
}
