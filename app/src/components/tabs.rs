//! Tabs that are links: which one is open lives in the address.

use leptos::prelude::*;

use crate::place::use_place;

/// Tabs of the page at `path` by `?tab=`; each a value, empty for the first, and what it says.
#[component]
pub fn Tabs(label: &'static str, #[prop(into)] path: String, tabs: Vec<(&'static str, &'static str)>) -> impl IntoView {
    let place = use_place();
    let links = tabs
        .into_iter()
        .map(|(value, text)| {
            let current = move || (place.param("tab").unwrap_or_default() == value).then_some("page");
            let href = if value.is_empty() { path.clone() } else { format!("{path}?tab={value}") };
            view! { <a href=href data-noscroll="" aria-current=current>{text}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label>{links}</nav> }
}
