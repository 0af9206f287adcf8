//! The empty state of a list: what the list is for and what to do next.

use leptos::prelude::*;

use super::icon::{self, Icon};

/// The children are the text and the next step.
#[component]
pub fn Empty(icon: Icon, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="tile">{icon::icon(icon)}</span>
            <p class="title">{title}</p>
            <div class="empty-text">{children()}</div>
        </div>
    }
}
