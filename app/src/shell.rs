//! The HTML document around the app. Only the server renders it.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::app::App;
use crate::chunks::ChunkFiles;
use crate::components::icon::icon_sprite;
use crate::model::live::{RENDERED_AT_META, SINCE_META, USER_META};

/// The URLs of the files that every page loads.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The script that loads the WASM.
    pub js: String,
    /// The script that loads chunks; the other one imports it.
    pub loader: String,
    /// The WASM.
    pub wasm: String,
    /// The one style sheet.
    pub css: String,
    /// The files of the chunks, which a page preloads as it needs them.
    pub chunks: ChunkFiles,
}

/// Values for the page's script.
#[derive(Clone, Debug)]
pub struct PageMeta {
    /// The ID of the live event after which its data is read.
    pub since: String,
    /// The ID of the user for whom it is rendered; empty if nobody is signed in.
    pub person: String,
    /// When it is rendered, in milliseconds since 1970.
    pub rendered_at_ms: i64,
    /// Whether search engines must not list it.
    pub unlisted: bool,
}

/// Shows that the page has stopped working. After a panic no WASM runs, so this is plain
/// JavaScript.
/// Lets another tab take over the live stream.
const CRASH_SCRIPT: &str = "const crashed=()=>{\
if(document.getElementById('crash'))return;\
try{window.testbellReleaseLiveLock?.()}catch{}\
const box=document.createElement('div'),text=document.createElement('p'),button=document.createElement('button');\
box.id='crash';box.className='crash-notice';box.setAttribute('role','alert');\
text.textContent='Something went wrong, and this page has stopped working. Reload it to continue.';\
button.type='button';button.className='button';button.textContent='Reload page';button.onclick=()=>location.reload();\
box.append(text,button);document.body.prepend(box)};\
const trapped=error=>error instanceof WebAssembly.RuntimeError;\
addEventListener('error',event=>{if(trapped(event.error))crashed()});\
addEventListener('unhandledrejection',event=>{if(trapped(event.reason))crashed()});";

/// Runs before the first paint, so that the other theme doesn't flash.
const THEME_SCRIPT: &str =
    "try{const t=localStorage.getItem('theme');if(t)document.documentElement.dataset.theme=t}catch{}";

/// The document. Its inline scripts carry the nonce of the response.
pub fn shell(assets: Assets, meta: PageMeta) -> impl IntoView {
    let start = format!(
        "import init,{{hydrate}} from '{}';\
         try{{await init({{module_or_path:'{}'}});await hydrate()}}catch(error){{crashed();throw error}}",
        assets.js, assets.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Your team's tests, issues and webhooks."/>
                <meta name=SINCE_META content=meta.since/>
                <meta name=USER_META content=meta.person/>
                <meta name=RENDERED_AT_META content=meta.rendered_at_ms.to_string()/>
                {meta.unlisted.then(|| view! { <meta name="robots" content="noindex"/> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                <link rel="modulepreload" href=assets.js/>
                <link rel="modulepreload" href=assets.loader/>
                <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <script nonce=use_nonce() inner_html=THEME_SCRIPT></script>
                <script nonce=use_nonce() inner_html=CRASH_SCRIPT></script>
                <script type="module" nonce=use_nonce() inner_html=start></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
                // After the app, because hydration walks the body from its start.
                {icon_sprite()}
            </body>
        </html>
    }
}
