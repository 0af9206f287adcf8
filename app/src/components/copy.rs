//! A button that copies text and confirms it.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::dynamic::dynamic;
use super::icon::{Icon, icon};

const CONFIRMATION_TIME: Duration = Duration::from_millis(2000);

/// False if the browser refuses. Over http there is no clipboard, except on localhost.
async fn write_to_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// `what` completes the accessible label "Copy ...". `label` is what the button shows.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    what: &'static str,
    #[prop(default = "Copy")] label: &'static str,
) -> impl IntoView {
    let announcement = RwSignal::new("");
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            let copied = match text.try_get_untracked() {
                Some(text) => write_to_clipboard(&text).await,
                None => return,
            };
            let _ = announcement.try_set(if copied { "Copied" } else { "Select the text and copy it" });
            set_timeout(
                move || {
                    // The button may have been removed.
                    let _ = announcement.try_set("");
                },
                CONFIRMATION_TIME,
            );
        });
    };
    view! {
        <button type="button" class="button small copy" on:click=copy aria-label=format!("Copy {what}")>
            {dynamic(move || if announcement.get() == "Copied" { icon(Icon::Check) } else { icon(Icon::Copy) })}
            <span aria-hidden="true">{dynamic(move || if announcement.get().is_empty() { label } else { announcement.get() })}</span>
        </button>
        <span class="visually-hidden" role="status">{announcement}</span>
    }
}
