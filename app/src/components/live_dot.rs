//! The state of live updates: a dot with a word in the navigation, and a notice in the head of the
//! page when updates are lost.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::dynamic::{dynamic, dynamic_value};
use crate::live::{Connection, use_connection};

/// A dot and a word.
#[component]
pub fn LiveDot() -> impl IntoView {
    let connection = use_connection();
    let shown = RwSignal::new(false);
    // The first connection takes a moment and is not announced.
    Effect::new(move |_| {
        if !matches!(connection.get(), Connection::Idle | Connection::Connecting) {
            shown.set(true);
        }
    });
    let open = move || !shown.get() || connection.get() == Connection::Open;
    let word = move || match connection.get() {
        _ if open() => "Live",
        Connection::SignedOut | Connection::NoAccess => "Not live",
        Connection::Idle | Connection::Connecting | Connection::Paused | Connection::Open => "Reconnecting…",
    };
    view! { <span class="live-dot" class:off=dynamic_value(move || !open()) class:unknown=dynamic_value(move || !shown.get())>{dynamic(word)}</span> }
}

/// A notice that the page is not live, announced by screen readers. It lies next to the page's title, or in
/// the padding above it, so the content doesn't move.
#[component]
pub fn LiveNotice() -> impl IntoView {
    let connection = use_connection();
    let location = use_location();
    let sign_in = move || {
        let next = format!("{}{}", location.pathname.get(), location.search.with(|query| with_question_mark(query)));
        let query = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
        format!("/sign-in?{query}")
    };
    let text = move || {
        match connection.get() {
        Connection::Idle | Connection::Connecting | Connection::Open => None,
        Connection::Paused => Some("Live updates lost. Reconnecting…".into_any()),
        Connection::SignedOut => Some(
            view! { "You are signed out. "<a class="link" href=dynamic_value(sign_in) rel="external">"Sign in"</a>" for live updates." }
                .into_any(),
        ),
        Connection::NoAccess => Some("You no longer have access to this project.".into_any()),
    }
    };
    view! {
        <div class="live-notice" role="status" aria-label="Live updates">
            {dynamic(move || text().map(|text| view! { <p><span>{text}</span></p> }))}
        </div>
    }
}

fn with_question_mark(query: &str) -> String {
    if query.is_empty() { String::new() } else { format!("?{}", query.trim_start_matches('?')) }
}
