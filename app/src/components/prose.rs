//! Markdown text from users or trackers.

use leptos::prelude::*;

/// HTML that the server rendered and sanitized, or a hint if there is none.
pub fn prose(html: String, none: &'static str) -> AnyView {
    if html.trim().is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    view! { <div class="prose" inner_html=html></div> }.into_any()
}
