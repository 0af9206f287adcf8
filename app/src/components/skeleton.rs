//! A placeholder for content that is loading, as tall as the content.

use leptos::prelude::*;

/// Gray lines.
#[component]
pub fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">"Loading"</span>
            {(0..lines).map(|_| view! { <span class="line" aria-hidden="true"></span> }).collect_view()}
        </div>
    }
}
