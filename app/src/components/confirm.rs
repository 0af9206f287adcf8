//! Asks for confirmation.

use leptos::prelude::*;

use super::dialog::Dialog;
use super::dynamic::{dynamic, dynamic_value};
use super::failure::FormError;
use crate::error::Error;

/// A confirmation dialog. `consequences` are its bullets; the children are further options.
#[component]
pub fn Confirm(
    #[prop(into)] open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] consequences: Signal<Vec<String>>,
    /// The label of the confirming button: verb and object.
    #[prop(into)]
    confirm_label: Signal<String>,
    /// Whether a request is running.
    #[prop(into)]
    pending: Signal<bool>,
    #[prop(into)] error: Signal<Option<Error>>,
    #[prop(into)] on_confirm: Callback<()>,
    /// Whether the action loses nothing.
    #[prop(optional, into)]
    non_destructive: Signal<bool>,
    #[prop(optional)] children: Option<ChildrenFn>,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Dialog open title on_close=move |()| open.set(false)>
            <ul class="consequences">
                {dynamic(move || consequences.get().into_iter().map(|text| view! { <li>{text}</li> }).collect_view())}
            </ul>
            {children.with_value(|children| children.as_ref().map(|children| children()))}
            <FormError error/>
            <div class="actions">
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>"Cancel"</button>
                <button
                    type="button"
                    class=dynamic_value(move || if non_destructive.get() { "button primary" } else { "button danger" })
                    aria-busy=dynamic_value(move || pending.get().to_string())
                    disabled=pending
                    on:click=move |_| on_confirm.run(())
                >
                    {confirm_label}
                </button>
            </div>
        </Dialog>
    }
}
