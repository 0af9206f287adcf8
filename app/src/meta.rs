//! What the server tells the script of a page in its head.

use leptos::prelude::document;

/// The content of the page's `<meta>` of that name, in the browser.
pub fn meta(name: &str) -> Option<String> {
    let element = document().query_selector(&format!("meta[name={name}]")).ok().flatten();
    element.and_then(|element| element.get_attribute("content")).filter(|content| !content.is_empty())
}
