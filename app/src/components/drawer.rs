//! A side panel with the details of a selected row. The page stays usable next to it.

use leptos::html;
use leptos::prelude::*;

use super::dynamic::dynamic_value;
use super::focus::focus;
use super::icon::{Icon, icon};
use crate::url_state::use_url_state;

/// It closes with its button, which is a link, and with Esc, and returns the focus to `return_to`.
/// Going back doesn't open it again.
#[component]
pub fn Drawer(
    #[prop(into)] label: String,
    /// The URL of the page without the drawer.
    #[prop(into)]
    close_href: Signal<String>,
    /// The ID of the element that gets the focus back.
    #[prop(into)]
    return_to: String,
    /// The URLs of the previous and next row. The arrow keys go there too.
    #[prop(into)]
    previous: Signal<Option<String>>,
    #[prop(into)] next: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let url_state = use_url_state();
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    on_cleanup(move || focus(&return_to));
    let step = move |target: Signal<Option<String>>| {
        if let Some(href) = target.get_untracked() {
            url_state.replace_url(href);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // Scrollable text and fields use the arrow keys themselves.
        let on_panel = event.target() == event.current_target();
        match event.key().as_str() {
            "Escape" => url_state.replace_url(close_href.get_untracked()),
            "ArrowUp" if on_panel => step(previous),
            "ArrowDown" if on_panel => step(next),
            _ => return,
        }
        event.prevent_default();
    };
    let step_button = move |target: Signal<Option<String>>, label: &'static str, symbol: Icon| {
        view! {
            <button
                type="button"
                class="button quiet small square"
                aria-label=label
                title=label
                disabled=dynamic_value(move || target.with(Option::is_none))
                on:click=move |_| step(target)
            >
                {icon(symbol)}
            </button>
        }
    };
    view! {
        <div class="drawer" node_ref=panel tabindex="-1" role="dialog" aria-label=label on:keydown=on_key>
            <div class="drawer-nav">
                {step_button(previous, "Previous", Icon::ChevronUp)}
                {step_button(next, "Next", Icon::ChevronDown)}
                <a class="button quiet small square" href=close_href data-noscroll="" prop:replace=true aria-label="Close">{icon(Icon::Cross)}</a>
            </div>
            <div class="drawer-scroll">{children()}</div>
        </div>
    }
}
