//! A modal dialog based on `<dialog>`, which traps the focus, closes on Esc and returns the focus.
//! A dialog that the URL opens is already open in the server's HTML.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

use super::dynamic::ShowWhen;

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
        } else if dialog.open() {
            dialog.close();
        }
    });
    // `close` fires one task after the dialog has closed; `cancel` (Esc or a click outside) fires
    // before. If the caller reopens the dialog in between, the late event must not close it again.
    let is_open = move || element.get_untracked().is_some_and(|dialog| dialog.open());
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
            closedby="any"
            open=open_at_first
            on:cancel=move |_: Event| closed()
            on:close=move |_| {
                if !is_open() {
                    closed();
                }
            }
        >
            <h2 id=id>{title}</h2>
            <ShowWhen when=open>{children.with_value(|children| children())}</ShowWhen>
        </dialog>
    }
}
