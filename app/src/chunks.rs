//! Code splitting. The main bundle has what every page needs. Each chunk holds pages that are often visited
//! together, or a part of a page that is not shown at first. A page loads its chunks with the main bundle.
//! Those of another page are loaded when a link leads there.
//!
//! The server names the files of a page's chunks in the page's head. The browser then fetches them at
//! once, not only when the main bundle runs and asks for them.

use futures::future::join_all;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::ChooseView;
use leptos_router::hooks::use_query_map;

use crate::live::{self, EndStream, Live, Rows};
use crate::model::catalog::Subject;
use crate::model::id::{DeliveryId, ProjectId, WebhookId};
use crate::model::webhook::{CreatedWebhook, Webhook};
use crate::pages::{ProjectChoices, ReplayState, WebhookChanges};
use crate::testware::pages::selection::Selection;

/// What the chunks hold.
mod views {
    pub use crate::custom_events::page::CustomEvents;
    pub use crate::imports::page::ImportCases;
    pub use crate::layout::{Frame, ProjectOutlet, SearchDialog};
    pub use crate::pages::*;
    pub use crate::testware::case::pages::CasePage;
    pub use crate::testware::pages::{Item, ItemList, new_dialog, selection_bar};
    pub use crate::testware::report::pages::ItemReport;
    pub use crate::testware::review::pages::ReviewPage;
    pub use crate::testware::run::pages::RunPage;
    pub use crate::testware::run::pages::public_run::PublicRunPage;
    pub use crate::testware::session::pages::SessionPage;
}

/// The URL paths of the files of each chunk, by its name. The server provides it to the app.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug, Default)]
pub struct ChunkFiles(pub std::sync::Arc<std::collections::BTreeMap<String, Vec<String>>>);

/// Defines all chunks. Each is named after the function that is split off with its code: of pages, with the
/// names of their components, or of a part of pages, with what the part gets and returns.
macro_rules! chunks {
    (
        pages { $($(#[$doc:meta])* $chunk:ident ($Chunk:ident, $load:ident): $($Page:ident),+;)+ }
        parts {
            $($(#[$part_doc:meta])* $part:ident ($Part:ident, $load_part:ident):
                |$($arg:ident: $of:ty),*| -> $out:ty { $view:expr })+
        }
    ) => {
        /// Code that is loaded together.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Chunk {
            $($(#[$doc])* $Chunk,)+
            $($(#[$part_doc])* $Part,)+
        }

        impl Chunk {
            #[cfg(feature = "ssr")]
            fn name(self) -> &'static str {
                match self {
                    $(Self::$Chunk => stringify!($chunk),)+
                    $(Self::$Part => stringify!($part),)+
                }
            }

            async fn try_load(self) -> Result<(), SplitLoaderError> {
                match self {
                    $(Self::$Chunk => $load().await,)+
                    $(Self::$Part => $load_part().await,)+
                }
            }
        }

        /// The view of a route whose code is in a chunk.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum LazyPage {
            $($(
                #[doc = concat!("`", stringify!($Page), "`")]
                $Page,
            )+)+
        }

        impl LazyPage {
            fn chunk(self) -> Chunk {
                match self {
                    $($(Self::$Page)|+ => Chunk::$Chunk,)+
                }
            }

            async fn try_view(self) -> Result<AnyView, SplitLoaderError> {
                match self {
                    $($(Self::$Page)|+ => $chunk(self).await,)+
                }
            }
        }

        $(
            $(#[$doc])*
            #[wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, preload($load), fallible)]
            fn $chunk(page: LazyPage) -> Result<AnyView, SplitLoaderError> {
                Ok(match page {
                    $(LazyPage::$Page => views::$Page().into_any(),)+
                    // The chunk has no other page.
                    _ => ().into_any(),
                })
            }
        )+

        $(
            $(#[$part_doc])*
            #[wasm_split($part, wasm_split_path = ::leptos::wasm_split, preload($load_part), fallible)]
            pub(crate) fn $part($($arg: $of),*) -> Result<$out, SplitLoaderError> {
                Ok($view)
            }
        )+
    };
}

chunks! {
    pages {
        /// The pages that need no session.
        signed_out (SignedOut, load_signed_out): AcceptInvite, PasswordReset, Setup, SignIn;
        /// A test run for anyone with its public link.
        public_run (PublicRun, load_public_run): PublicRunPage;
        /// What is around the pages for signed-in users.
        frame (Frame, load_frame): Frame, ProjectOutlet, ProjectEntry;
        /// The list of projects.
        projects (Projects, load_projects): Projects;
        /// The user's account.
        account (Account, load_account): Account;
        /// The user's API tokens.
        tokens (Tokens, load_tokens): Tokens;
        /// The user's notifications.
        notifications (Notifications, load_notifications): Notifications;
        /// The mail server.
        email (Email, load_email): EmailServer;
        /// All users.
        users (Users, load_users): Users;
        /// The members of a project.
        members (Members, load_members): Members;
        /// The audit logs.
        audit (Audit, load_audit): Audit, InstanceAudit;
        /// The settings of the instance, and the pause of all webhooks.
        instance_settings (InstanceSettings, load_instance_settings): InstanceSettings, WebhookPausePage;
        /// The settings of a project.
        project_settings (ProjectSettings, load_project_settings): ProjectSettings;
        /// The custom events of a project.
        custom_events (CustomEvents, load_custom_events): CustomEvents;
        /// The import of test cases.
        imports (Imports, load_imports): ImportCases;
        /// The integration of a project.
        integration (Integration, load_integration): Integration;
        /// The dashboard of a project.
        dashboard (Dashboard, load_dashboard): Dashboard;
        /// The list of issues.
        issues (Issues, load_issues): Issues;
        /// An issue.
        issue (Issue, load_issue): Issue;
        /// Webhooks.
        webhooks (Webhooks, load_webhooks): Webhooks;
        /// The webhooks with several projects.
        shared_webhooks (SharedWebhooks, load_shared_webhooks): SharedWebhooks, SharedWebhook;
        /// The page of a webhook.
        webhook_detail (WebhookDetail, load_webhook_detail): WebhookDetail;
        /// The lists of all testware.
        testware (Testware, load_testware): ItemList;
        /// A test case.
        case (Case, load_case): CasePage;
        /// A review of a case.
        review (Review, load_review): ReviewPage;
        /// A test run or a session.
        execution (Execution, load_execution): RunPage, SessionPage;
        /// An item of another subject.
        testware_item (TestwareItem, load_testware_item): Item;
        /// The report of a run, plan or milestone.
        report (Report, load_report): ItemReport;
    }
    parts {
        /// The tab of deliveries.
        deliveries (Deliveries, load_deliveries): |project: ProjectId| -> AnyView {
            view! { <views::Deliveries project/> }.into_any()
        }
        /// The drawer of a delivery.
        delivery (Delivery, load_delivery):
            |id: DeliveryId, replay_state: ReplayState, order: RwSignal<Vec<DeliveryId>>| -> AnyView {
            view! { <views::DeliveryDrawer id replay_state order/> }.into_any()
        }
        /// The tab of the inspector.
        inspector (Inspector, load_inspector): |project: ProjectId| -> AnyView {
            view! { <views::Inspector project/> }.into_any()
        }
        /// The dialogs of the webhooks page.
        webhook_dialogs (WebhookDialogs, load_webhook_dialogs):
            |project: ProjectId, outbound: Rows<WebhookId, Webhook>, changes: WebhookChanges| -> AnyView {
            view! { <views::WebhookDialogs project outbound changes/> }.into_any()
        }
        /// The dialog that adds a webhook with several projects.
        add_shared_webhook (AddSharedWebhook, load_add_shared_webhook):
            |created: Callback<CreatedWebhook>, choices: ProjectChoices| -> AnyView {
            view! { <views::CreateDialog project=None choices=Some(choices) created/> }.into_any()
        }
        /// The dialogs that create testware.
        new_testware (NewTestware, load_new_testware): |subject: Subject, project: ProjectId| -> AnyView {
            views::new_dialog(subject, project)
        }
        /// What changes the selected items of a list.
        selection_bar (SelectionBar, load_selection_bar):
            |subject: Subject, project: ProjectId, selection: Selection| -> AnyView {
            views::selection_bar(subject, project, selection)
        }
        /// The search over a project.
        search (Search, load_search): |project: ProjectId, admin: bool, open: RwSignal<bool>| -> AnyView {
            view! { <views::SearchDialog project admin open/> }.into_any()
        }
        /// The stream of live updates.
        live (Live, load_live): |live: Live, project: ProjectId| -> EndStream { live::start(live, project) }
    }
}

/// How long to wait after a chunk could not be loaded.
#[cfg(feature = "hydrate")]
const RETRY_INTERVAL_MS: u32 = 5_000;

impl Chunk {
    /// Loads the code, and tries again if it can't be loaded now. Until then, the page stays as it is.
    pub async fn load(self) {
        while self.try_load().await.is_err() {
            #[cfg(feature = "hydrate")]
            gloo_timers::future::TimeoutFuture::new(RETRY_INTERVAL_MS).await;
        }
    }
}

impl ChooseView for LazyPage {
    async fn choose(self) -> AnyView {
        #[cfg(feature = "ssr")]
        self.chunks_shown().for_each(preload_files);
        self.chunk().load().await;
        self.try_view().await.unwrap_or_else(|_| ().into_any())
    }

    async fn preload(&self) {
        join_all(self.chunks_shown().map(Chunk::load)).await;
    }
}

impl LazyPage {
    /// The chunks of what its URL shows.
    fn chunks_shown(self) -> impl Iterator<Item = Chunk> {
        let query = use_query_map().get_untracked();
        let has = |name| query.get_str(name).is_some();
        let tab = query.get_str("tab");
        let on_deliveries = tab == Some("deliveries");
        let parts = match self {
            Self::Webhooks if on_deliveries && has("delivery") => &[Chunk::Deliveries, Chunk::Delivery][..],
            Self::Webhooks if on_deliveries => &[Chunk::Deliveries],
            Self::Webhooks if tab == Some("inspector") => &[Chunk::Inspector],
            Self::Webhooks if has("add") => &[Chunk::WebhookDialogs],
            // It shares most of its code with the list.
            Self::WebhookDetail => &[Chunk::Webhooks],
            // Only deliveries of deleted projects open there, so the chunk that is always before it isn't loaded.
            Self::SharedWebhook if has("delivery") => &[Chunk::Deliveries, Chunk::Delivery],
            Self::SharedWebhooks if has("add") => &[Chunk::AddSharedWebhook],
            Self::ItemList if has("new") => &[Chunk::NewTestware],
            _ => &[],
        };
        // They are always below the frame, which has the same chunk.
        let own = (!matches!(self, Self::ProjectOutlet | Self::ProjectEntry)).then(|| self.chunk());
        own.into_iter().chain(parts.iter().copied())
    }
}

/// Adds a chunk to what the head of the page preloads.
#[cfg(feature = "ssr")]
fn preload_files(chunk: Chunk) {
    let files = use_context::<ChunkFiles>().and_then(|files| files.0.get(chunk.name()).cloned());
    for href in files.unwrap_or_default() {
        // Rendering registers it for the head; it has no place in the body.
        let _ = view! {
            <leptos_meta::Link rel="preload" href as_="fetch" type_="application/wasm" crossorigin="anonymous"/>
        }
        .to_html();
    }
}
