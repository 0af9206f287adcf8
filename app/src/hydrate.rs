//! Starts the app in the browser.

use leptos::mount::hydrate_from_async;
use leptos::prelude::*;
use leptos::tachys::dom::body;

use crate::app::App;
use crate::components::hydration::HydrationState;

/// Hydrates the page once the code of its chunk has loaded.
pub async fn hydrate() {
    let ready = HydrationState::default();
    let app = {
        let ready = ready.clone();
        move || {
            provide_context(ready);
            view! { <App/> }
        }
    };
    hydrate_from_async(body(), app).await.forget();
    ready.set();
}
