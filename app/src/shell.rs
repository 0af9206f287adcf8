//! The HTML document around the app; the server alone renders it.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::model::live::SINCE;

/// The addresses of what every page loads.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The script that loads the WASM.
    pub js: String,
    /// The WASM.
    pub wasm: String,
    /// The one style sheet.
    pub css: String,
}

/// Runs before the first paint, so that a chosen theme does not flash the other one.
const THEME: &str = "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// The document. Its inline scripts carry the nonce of the response. `since` is the id of the live
/// event after which its data is read.
pub fn shell(assets: Assets, since: String) -> impl IntoView {
    let start = format!(
        "import init,{{hydrate}} from '{}';await init({{module_or_path:'{}'}});await hydrate();",
        assets.js, assets.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Testbell: testware, issues and webhooks of a test team."/>
                <meta name=SINCE content=since/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                <link rel="modulepreload" href=assets.js/>
                <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script nonce=use_nonce() inner_html=THEME></script>
                <script type="module" nonce=use_nonce() inner_html=start></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
