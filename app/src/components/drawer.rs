//! A panel that comes in from the side with the details of what was chosen; the page stays beside it.

use leptos::html;
use leptos::prelude::*;

use super::focus::focus;
use super::icon::{Icon, icon};
use crate::place::use_place;

/// See the [module](self). It closes by its button, which is a link, and by Esc, gives the focus
/// back to what `return_to` finds, and going back doesn't open it again.
#[component]
pub fn Drawer(
    #[prop(into)] label: String,
    /// The address of the page without it.
    #[prop(into)]
    close_href: Signal<String>,
    /// The id of the element that gets the focus back.
    #[prop(into)]
    return_to: String,
    children: Children,
) -> impl IntoView {
    let place = use_place();
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(panel) = panel.get() {
            let _ = panel.focus();
        }
    });
    on_cleanup(move || focus(&return_to));
    view! {
        <div
            class="drawer"
            node_ref=panel
            tabindex="-1"
            role="dialog"
            aria-label=label
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    place.go_instead(close_href.get_untracked());
                }
            }
        >
            <a class="button quiet close" href=close_href data-noscroll="" prop:replace=true aria-label="Close">{icon(Icon::Cross)}</a>
            {children()}
        </div>
    }
}
