//! Tabs that are links: the URL says which one is open.

use leptos::prelude::*;

use super::dynamic::dynamic_value;
use crate::url_state::use_url_state;

/// Tabs of the page at `path`, selected by `?tab=`. Each has a value, empty for the first tab, and
/// a label.
#[component]
pub fn Tabs(label: &'static str, #[prop(into)] path: String, tabs: Vec<(&'static str, &'static str)>) -> impl IntoView {
    let url_state = use_url_state();
    let links = tabs
        .into_iter()
        .map(|(value, text)| {
            let current = move || (url_state.param("tab").unwrap_or_default() == value).then_some("page");
            let href = if value.is_empty() { path.clone() } else { format!("{path}?tab={value}") };
            view! { <a href=href data-noscroll="" aria-current=dynamic_value(current)>{text}</a> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label=label>{links}</nav> }
}
