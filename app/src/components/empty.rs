//! What stands where nothing is yet: what it is for and what to do next.

use leptos::prelude::*;

use super::icon::{Icon, icon};

/// See the [module](self); the children are the words and the way on.
#[component]
pub fn Empty(sign: Icon, #[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="sign">{icon(sign)}</span>
            <p class="title">{title}</p>
            <div class="words">{children()}</div>
        </div>
    }
}
