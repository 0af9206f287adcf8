//! Moving the focus to where a person goes on.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Gives the focus to the element with an id, if it is on the page.
pub fn focus(id: &str) {
    if cfg!(target_arch = "wasm32")
        && let Some(element) = document().get_element_by_id(id)
    {
        let _ = element.dyn_into::<web_sys::HtmlElement>().map(|element| element.focus());
    }
}
