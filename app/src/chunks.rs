//! Code splitting. The main bundle has what every page needs. Each chunk holds the pages of one area:
//! a page loads its chunk with the main bundle, and another area's chunk when a link leads there.
//!
//! The server names the files of a page's chunk in the page's head. The browser then fetches them at
//! once, not only when the main bundle runs and asks for them.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::pages;

/// The URL paths of the files of each chunk, by its name. The server provides it to the app.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct ChunkFiles(pub std::sync::Arc<std::collections::BTreeMap<String, Vec<String>>>);

/// Adds a chunk to what the head of the page preloads.
#[cfg(feature = "ssr")]
fn preload_files(chunk: &str) {
    let files = use_context::<ChunkFiles>().and_then(|files| files.0.get(chunk).cloned());
    for href in files.unwrap_or_default() {
        // Rendering registers it for the head; it has no place in the body.
        let _ = view! {
            <leptos_meta::Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous"/>
        }
        .to_html();
    }
}

/// Defines a chunk: its pages as lazy routes, and the function that is split off with them. The
/// function's name is the name of the chunk.
macro_rules! chunk {
    ($(#[$doc:meta])* $chunk:ident by $load:ident, $preload:ident: $($page:ident),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub enum $chunk {
            $(
                #[doc = concat!("[`", stringify!($page), "`](pages::", stringify!($page), ")")]
                $page,
            )+
        }

        $(
            /// The route of a page of the chunk.
            pub struct $page;

            impl LazyRoute for $page {
                fn data() -> Self {
                    Self
                }

                async fn view(_: Self) -> AnyView {
                    #[cfg(feature = "ssr")]
                    preload_files(stringify!($load));
                    $load($chunk::$page).await
                }

                async fn preload() {
                    #[cfg(feature = "hydrate")]
                    $preload().await;
                }
            }
        )+

        #[lazy]
        fn $load(page: $chunk) -> AnyView {
            match page {
                $($chunk::$page => pages::$page().into_any(),)+
            }
        }
    };
}

chunk! {
    /// The pages that need no session.
    SignedOut by signed_out, __preload_signed_out:
    AcceptInvite, PasswordReset, Setup, SignIn,
}

chunk! {
    /// The list of projects, a project's settings, a user's account, and what system admins manage.
    Settings by settings, __preload_settings:
    Account, Audit, InstanceAudit, Integration, Members, Projects, ProjectSettings, Tokens, Users,
}

chunk! {
    /// Issues.
    IssuePages by issues, __preload_issues:
    Issue, Issues,
}

chunk! {
    /// Webhooks and deliveries.
    WebhookPages by webhooks, __preload_webhooks:
    Webhooks,
}

chunk! {
    /// The lists and pages of all testware.
    Testware by testware, __preload_testware:
    Item, ItemList,
}
