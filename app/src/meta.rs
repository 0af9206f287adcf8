//! Values that the server passes to the browser in `<meta>` elements.

use leptos::prelude::document;

/// The content of the `<meta>` element with that name.
pub fn meta(name: &str) -> Option<String> {
    let element = document().query_selector(&format!("meta[name={name}]")).ok().flatten();
    element.and_then(|element| element.get_attribute("content")).filter(|content| !content.is_empty())
}
