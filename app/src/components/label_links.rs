//! The labels of an item. Each links to the list with this label.

use leptos::prelude::*;

use super::dynamic::dynamic_value;
use crate::url_state::UrlState;

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
