//! The WASM entry: it hydrates the server-rendered page. Everything else is in `app`.
#![cfg(target_arch = "wasm32")]
// The type of a page contains the types of all its parts.
#![recursion_limit = "512"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Hydrates the document's body. The script in the page's head calls it once.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::hydrate().await;
}
