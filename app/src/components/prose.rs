//! Text that people or trackers wrote in Markdown.

use leptos::prelude::*;

/// Sanitized HTML that the server rendered from Markdown, or a hint where there is no text.
pub fn prose(html: String, none: &'static str) -> AnyView {
    if html.trim().is_empty() {
        return view! { <p class="hint">{none}</p> }.into_any();
    }
    view! { <div class="prose" inner_html=html></div> }.into_any()
}
