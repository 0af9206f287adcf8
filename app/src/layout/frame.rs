//! The frame of every page behind the sign-in: the navigation at the side, at 360 px behind a
//! button, and the page.

use leptos::html;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

use super::nav::Nav;
use super::project::Scope;
use super::uncopied::{Uncopied, UncopiedNotice};
use crate::components::icon::{Icon, icon};
use crate::components::live_dot::LiveDot;
use crate::live::provide_live;

/// See the [module](self).
#[component]
pub fn Frame() -> impl IntoView {
    let scope = Scope::provide();
    provide_live(scope.id);
    let uncopied = Uncopied::provide();
    let sidebar = NodeRef::<html::Aside>::new();
    let path = use_location().pathname;
    // Where the navigation is a popover, a link that was followed leaves it open.
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
        <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
        <header class="topbar">
            <button type="button" class="button quiet" popovertarget="sidebar">{icon(Icon::Menu)}"Menu"</button>
            <a href="/" class="brand">{icon(Icon::Bell)}"Testbell"</a>
            <Show when=move || scope.id.get().is_some()><LiveDot/></Show>
        </header>
        <aside id="sidebar" class="sidebar" popover="auto" node_ref=sidebar>
            <Nav scope/>
        </aside>
        <main id="main" tabindex="-1">
            <UncopiedNotice uncopied/>
            <Outlet/>
        </main>
    }
}
