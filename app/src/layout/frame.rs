//! The frame of every page for signed-in users: the navigation and the page. Up to a width of 1000
//! px, the navigation opens with a button in the top bar, which names the project.

use leptos::html;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use super::current_actor::provide_current_actor;
use super::nav::Nav;
use super::pause_banner::PauseBanner;
use super::pending_secrets::{PendingSecrets, PendingSecretsNotice};
use super::project::ProjectScope;
use super::search::SearchOpen;
use crate::chunks::{self, Chunk};
use crate::components::dynamic::awaited;
use crate::components::icon::{Icon, icon};
use crate::components::lazy_part::deferred_part;
use crate::components::live_dot::LiveNotice;
use crate::live::provide_live;
use crate::unread::Unread;
use crate::webhook_pause::PauseState;

#[component]
pub fn Frame() -> impl IntoView {
    let scope = ProjectScope::provide();
    provide_current_actor();
    provide_live(scope.id);
    Unread::provide();
    PauseState::provide();
    let searching = RwSignal::new(false);
    provide_context(SearchOpen(searching));
    let pending_secrets = PendingSecrets::provide();
    let sidebar = NodeRef::<html::Aside>::new();
    let path = use_location().pathname;
    // Following a link doesn't close the popover by itself.
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(sidebar) = sidebar.get_untracked()
        {
            let _ = sidebar.hide_popover();
        }
        now
    });
    view! {
        <a class="skip-link" href="#main" rel="external">"Skip to content"</a>
        <header class="topbar">
            <button type="button" class="button quiet square" popovertarget="sidebar" aria-label="Open menu">{icon(Icon::Menu)}</button>
            <Transition>
                {awaited(move || async move {
                    match scope.project.await.and_then(Result::ok) {
                        Some(project) => view! { <b class="clip" title=project.name.clone()>{project.name.clone()}</b> }.into_any(),
                        None => view! { <a href="/" class="brand">{icon(Icon::Bell)}"Testbell"</a> }.into_any(),
                    }
                })}
            </Transition>
        </header>
        <aside id="sidebar" class="sidebar" popover="auto" node_ref=sidebar>
            <Nav scope/>
        </aside>
        // Not in the navigation: that is not rendered on small screens until it opens.
        <Transition>
            {awaited(move || async move {
                scope.project.await.and_then(Result::ok).map(|project| {
                    let (id, admin) = (project.id, project.is_admin());
                    deferred_part(Chunk::Search, move || chunks::search(id, admin, searching))
                })
            })}
        </Transition>
        <main id="main" tabindex="-1">
            <LiveNotice/>
            <PauseBanner/>
            <PendingSecretsNotice pending_secrets/>
            <Outlet/>
        </main>
    }
}
