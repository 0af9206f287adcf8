//! The way to the next page of a list, and back to the first.

use leptos::prelude::*;

use crate::place::use_place;

/// Links, so that they work at once and can be shared.
#[component]
pub fn Pager(next: Option<String>) -> impl IntoView {
    let place = use_place();
    let on_later_page = untrack(|| place.param("cursor").is_some());
    let first = on_later_page
        .then(|| view! { <a class="button" href=move || place.with(&[("cursor", None)])>"First page"</a> });
    let next = next.map(|cursor| {
        view! { <a class="button" href=move || place.with(&[("cursor", Some(&cursor))])>"Next page"</a> }
    });
    (on_later_page || next.is_some()).then(|| view! { <nav class="pager" aria-label="Pages">{first}{next}</nav> })
}
