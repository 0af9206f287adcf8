//! A button that copies a text, and says so.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::icon::{Icon, icon};

const SHOWN: Duration = Duration::from_millis(2000);

/// See the [module](self). `what` completes "Copy ..." for those who don't see where it stands.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>, what: &'static str) -> impl IntoView {
    let told = RwSignal::new("");
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            let done = JsFuture::from(window().navigator().clipboard().write_text(&text.get_untracked())).await;
            told.set(if done.is_ok() { "Copied" } else { "Select the text and copy it" });
            set_timeout(
                move || {
                    // The button may be gone by then.
                    let _ = told.try_set("");
                },
                SHOWN,
            );
        });
    };
    view! {
        <button type="button" class="button small copy" on:click=copy aria-label=format!("Copy {what}")>
            {move || if told.get() == "Copied" { icon(Icon::Check) } else { icon(Icon::Copy) }}
            <span aria-hidden="true">{move || if told.get().is_empty() { "Copy" } else { told.get() }}</span>
        </button>
        <span class="visually-hidden" role="status">{told}</span>
    }
}
