//! A modal dialog on the browser's own `<dialog>`, which keeps the focus inside, closes on Esc and
//! gives the focus back. One that the address asks for is open in the server's page already.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

/// The content is created each time it opens.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    #[prop(into)]
    open: Signal<bool>,
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// Runs when the person closes it.
    #[prop(into)]
    on_close: Callback<()>,
    /// Whether it is wide.
    #[prop(optional)]
    wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    // The address closes the dialog and the page that holds it in one step, in no certain order:
    // what tells whether it is open may be gone first.
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
            // An open dialog of the server's page is not modal yet. Closing it would tell `on_close`.
            let _ = dialog.remove_attribute("open");
            let _ = dialog.show_modal();
        } else if dialog.open() {
            dialog.close();
        }
    });
    // `close` comes a task later than the closing itself, `cancel` (Esc, a click beside it) before:
    // a caller that opens it again in between must not find it noted as open still, nor be closed by the
    // news of the time before.
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
            <Show when=open>{children.with_value(|children| children())}</Show>
        </dialog>
    }
}
