//! A modal dialog based on `<dialog>`, which traps the focus, closes on Esc and returns the focus. Its close
//! button works without JavaScript.
//! A dialog that the URL opens is already open in the server's HTML.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::dynamic::ShowWhen;
use super::icon::{Icon, icon};

/// The content is created each time the dialog opens.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// Runs when the user closes it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Whether it is wide.
    #[prop(optional)]
    wide: bool,
    /// Whether only its content can close it, because what it shows would be lost.
    #[prop(optional)]
    locked: bool,
    children: ChildrenFn,
) -> impl IntoView {
    // The URL may close the dialog and the page around it in one step. The signals may then be
    // disposed in any order.
    let open = move || open.try_get().unwrap_or(false);
    let element = NodeRef::<html::Dialog>::new();
    let id = format!(
        "dialog-{}",
        title.get_untracked().to_ascii_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
    );
    let heading = id.clone();
    let open_at_first = untrack(open);
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        if open() {
            // An open dialog in the server's HTML is not modal yet. Closing it here would call
            // `on_close`.
            let _ = dialog.remove_attribute("open");
            let _ = dialog.show_modal();
            focus_content(&dialog);
        } else if dialog.open() {
            dialog.close();
        }
    });
    // `close` fires one task after the dialog has closed; `cancel` (Esc or a click outside) fires
    // before. If the caller reopens the dialog in between, the late event must not close it again.
    let is_open = move || element.try_get_untracked().flatten().is_some_and(|dialog| dialog.open());
    let closed = move || {
        if untrack(open) {
            on_close.try_run(());
        }
    };
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=element
            class=if wide { "dialog wide" } else { "dialog" }
            aria-labelledby=heading
            closedby=if locked { "none" } else { "any" }
            open=open_at_first
            on:cancel=move |event: Event| if locked { event.prevent_default() } else { closed() }
            on:close=move |_| {
                if !is_open() {
                    closed();
                }
            }
        >
            <header>
                <h2 id=id>{title}</h2>
                {(!locked).then(|| view! {
                    <form method="dialog"><button class="button quiet square" aria-label="Close" title="Close">{icon(Icon::Cross)}</button></form>
                })}
            </header>
            <ShowWhen when=open>{children.with_value(|children| children())}</ShowWhen>
        </dialog>
    }
}

/// Moves the focus from the close button, which comes first, to the content.
fn focus_content(dialog: &web_sys::HtmlDialogElement) {
    let on_close = document().active_element().is_some_and(|element| element.matches("header button").unwrap_or(false));
    let content = "dialog > :not(header) :is(input:not([type=hidden]), select, textarea, a, button)";
    if on_close
        && let Ok(Some(first)) = dialog.query_selector(content)
        && let Ok(first) = first.dyn_into::<web_sys::HtmlElement>()
    {
        let _ = first.focus();
    }
}
