//! Where no page is.

use leptos::prelude::*;

use crate::components::failure::PageError;
use crate::error::Error;

/// Says so, with the status of it.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(axum::http::StatusCode::NOT_FOUND);
    }
    view! { <main class="alone"><PageError error=Error::NotFound/></main> }
}
