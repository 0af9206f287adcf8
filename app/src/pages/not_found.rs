//! Where no page is.

use leptos::prelude::*;

use crate::components::failure::PageError;
use crate::error::Error;

/// Says so, with its status.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <main class="auth-page"><PageError error=Error::NotFound/></main> }
}
