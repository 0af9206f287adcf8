//! Pages whose code the browser loads when it first needs it. What everybody meets at once (sign-in,
//! projects, issues) comes with the start; each chunk here holds the pages of one kind of work, so
//! that a person waits for one file at the most, and only once.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::pages;

/// A chunk: the pages in it, each as a lazy route, and the function that is split off with them.
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
    /// What admins configure, and a person's own tokens.
    Configuration by configuration, __preload_configuration:
    Audit, Integration, Members, ProjectSettings, Tokens, Webhooks,
}

chunk! {
    /// What testers work with.
    Testware by testware, __preload_testware:
    Case, Cases, Run, Runs, Session, Sessions,
}
