//! A menu of secondary actions. It is a popover, so the browser closes it on Esc or a click outside
//! and returns the focus.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, icon};

/// Choosing an item closes the menu.
#[component]
pub fn Menu(
    /// An ID, unique on the page.
    #[prop(into)]
    id: String,
    /// E.g. "More actions for CI".
    #[prop(into)]
    label: Signal<String>,
    children: Children,
) -> impl IntoView {
    let popover = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let close = move |_| {
        if let Some(popover) = popover.get_untracked() {
            let _ = popover.hide_popover();
        }
        // Before the item acts: a dialog that it opens returns the focus to where it was.
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    view! {
        <span class="menu">
            <button type="button" class="button small square" node_ref=button popovertarget=id.clone() aria-label=label>{icon(Icon::More)}</button>
            <div id=id popover="auto" class="menu-popover" role="group" aria-label=label node_ref=popover on:click:capture=close>
                {children()}
            </div>
        </span>
    }
}
