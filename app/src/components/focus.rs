//! Moving the focus.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Focuses the element with this ID, if it is on the page.
pub fn focus(id: &str) {
    if cfg!(target_arch = "wasm32")
        && let Some(element) = document().get_element_by_id(id)
    {
        let _ = element.dyn_into::<web_sys::HtmlElement>().map(|element| element.focus());
    }
}
