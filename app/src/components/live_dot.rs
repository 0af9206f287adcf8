//! Whether the page is kept up to date.

use leptos::prelude::*;

use crate::live::{Connection, use_connection};

/// A dot and a word.
#[component]
pub fn LiveDot() -> impl IntoView {
    let connection = use_connection();
    let shown = RwSignal::new(false);
    // The first connection takes a moment; nobody needs to hear of it.
    Effect::new(move |_| {
        if connection.get() == Connection::Open {
            shown.set(true);
        }
    });
    let open = move || !shown.get() || connection.get() == Connection::Open;
    view! {
        <span class="live-dot" class:off=move || !open() class:unknown=move || !shown.get() role="status">
            {move || if open() { "Live" } else { "Reconnecting" }}
        </span>
    }
}
