//! The keys of a menu: the arrow keys, Home and End move the focus among its items.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Moves the focus, if the key is one of a menu. From outside of `items`, the arrow down leads to the first one.
pub fn move_focus(event: &KeyboardEvent, items: &Element) {
    let on_field = event.target().is_some_and(|target| target.has_type::<web_sys::HtmlInputElement>());
    if on_field {
        return;
    }
    let Ok(found) = items.query_selector_all("a, button:not(:disabled)") else { return };
    let (focused, count) = (document().active_element(), found.length());
    if count == 0 {
        return;
    }
    let current = (0..count).find(|&at| found.item(at).and_then(|item| item.dyn_into().ok()) == focused);
    let next = match (&*event.key(), current) {
        ("ArrowDown", Some(current)) => (current + 1) % count,
        ("ArrowUp", Some(current)) => (current + count - 1) % count,
        ("ArrowDown" | "Home", _) => 0,
        ("ArrowUp" | "End", _) => count - 1,
        _ => return,
    };
    // The page must not scroll.
    event.prevent_default();
    if let Some(item) = found.item(next).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
