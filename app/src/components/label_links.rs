//! The labels of an item.

use leptos::prelude::*;

use super::dynamic::dynamic_value;
use crate::url_state::UrlState;

/// Each links to the list with this label.
pub fn label_links(labels: Vec<String>, url_state: UrlState) -> AnyView {
    let links = labels
        .into_iter()
        .map(|label| {
            let name = label.clone();
            let to = move || url_state.with(&[("label", Some(&name)), ("cursor", None)]);
            view! { <a class="label" href=dynamic_value(to) data-noscroll="">{label}</a> }
        })
        .collect_view();
    view! { <span class="labels">{links}</span> }.into_any()
}

/// Without links, among other facts of the item.
pub fn label_list(labels: Vec<String>) -> AnyView {
    if labels.is_empty() {
        return "None".into_any();
    }
    let all = labels.into_iter().map(|label| view! { <span class="label">{label}</span> }).collect_view();
    view! { <span class="labels">{all}</span> }.into_any()
}
