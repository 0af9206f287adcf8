//! A menu based on `<details>`, so that it opens without JavaScript. Esc, a click elsewhere and a link close it.
//! The arrow keys move the focus.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::Node;
use wasm_bindgen::JsCast;

use super::menu_keys::move_focus;

/// `summary` is the button, and `items` what it opens.
pub fn details_menu(class: &'static str, summary: AnyView, items: AnyView) -> AnyView {
    let menu = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        let clicks = window_event_listener(ev::click, move |click| {
            let Some(menu) = menu.try_get_untracked().flatten() else { return };
            let target = click.target().and_then(|target| target.dyn_into::<Node>().ok());
            let inside = target.is_some_and(|target| menu.contains(Some(&target)));
            if menu.open() && (!inside || click.target().is_some_and(is_link)) {
                menu.set_open(false);
            }
        });
        on_cleanup(move || clicks.remove());
    });
    view! {
        <details
            class=class
            node_ref=menu
            on:keydown=move |event| {
                let Some(menu) = menu.get_untracked().filter(|menu| menu.open()) else { return };
                if event.key() == "Escape" {
                    menu.set_open(false);
                    // The focus would be lost with the item that had it.
                    let summary = menu.query_selector("summary").ok().flatten();
                    if let Some(summary) = summary.and_then(|summary| summary.dyn_into::<web_sys::HtmlElement>().ok()) {
                        let _ = summary.focus();
                    }
                } else {
                    move_focus(&event, &menu);
                }
            }
        >
            {summary}
            {items}
        </details>
    }
    .into_any()
}

fn is_link(target: web_sys::EventTarget) -> bool {
    target.dyn_into::<web_sys::Element>().is_ok_and(|target| target.closest("a").ok().flatten().is_some())
}
