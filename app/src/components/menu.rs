//! A menu of secondary actions: a button that discloses them. It is a popover, so the browser closes it on Esc or
//! a click outside and returns the focus. The arrow keys open it and move the focus.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::{Icon, icon};
use super::menu_keys::move_focus;

/// Choosing an item closes the menu.
#[component]
pub fn Menu(
    /// An ID, unique on the page.
    #[prop(into)]
    id: String,
    /// E.g. "More actions for CI".
    #[prop(into)]
    label: Signal<String>,
    /// The class of its button.
    #[prop(default = "button small square")]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let popover = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let close = move |click: MouseEvent| {
        // An item that explains why it is disabled keeps the menu open.
        if is_disabled_item(&click) {
            return;
        }
        if let Some(popover) = popover.get_untracked() {
            let _ = popover.hide_popover();
        }
        // Before the item acts: a dialog that it opens returns the focus to where it was.
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(popover) = popover.get_untracked() else { return };
        if matches!(&*event.key(), "ArrowDown" | "ArrowUp") {
            // This fails if it is open.
            let _ = popover.show_popover();
        }
        if popover.matches(":popover-open").unwrap_or(false) {
            move_focus(&event, &popover);
        }
    };
    view! {
        <span class="menu" on:keydown=on_key>
            <button type="button" class=class node_ref=button popovertarget=id.clone() aria-label=label>{icon(Icon::More)}</button>
            <div id=id popover="auto" class="menu-popover" role="group" aria-label=label node_ref=popover on:click:capture=close>
                {children()}
            </div>
        </span>
    }
}

fn is_disabled_item(click: &MouseEvent) -> bool {
    let target = click.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| target.closest("[aria-disabled=true]").ok().flatten().is_some())
}
