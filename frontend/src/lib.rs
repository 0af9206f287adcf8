//! The WASM entry: it takes over the page that the server rendered. Everything else is in `app`.
#![cfg(target_arch = "wasm32")]
// The types of a whole page are one type.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the document's body; called once by the script in the page's head.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::hydrate().await;
}
