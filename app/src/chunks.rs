//! Code splitting. The main bundle has the pages that every user sees first: sign-in, projects and
//! issues. Each chunk holds the pages of one area, so a user waits for at most one file, once.

use leptos::prelude::*;
use leptos_router::LazyRoute;

use crate::pages;

/// Defines a chunk: its pages as lazy routes, and the function that loads them.
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
    /// Project settings, account and tokens.
    Configuration by configuration, __preload_configuration:
    Account, Audit, InstanceAudit, Integration, Members, ProjectSettings, Tokens, Users, Webhooks,
}

chunk! {
    /// The lists and pages of all testware.
    Testware by testware, __preload_testware:
    Item, ItemList,
}
