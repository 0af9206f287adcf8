//! The page for unknown URLs.

use leptos::prelude::*;

use crate::components::failure::PageError;
use crate::error::Error;

/// Sets the status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <main class="auth-page"><PageError error=Error::NotFound/></main> }
}
