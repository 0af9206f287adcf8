//! The app: its routes on one screen.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{Lazy, SsrMode, path};

use crate::chunks;
use crate::components::raw_text::title_text;
use crate::components::relative_time::provide_current_time;
use crate::components::toast::{ToastRegion, provide_toasts};
use crate::layout::{Frame, ProjectOutlet};
use crate::pages;

/// The app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_current_time();
    let toasts = provide_toasts();
    // Erases the type of each page here, so that it doesn't grow the type of the app.
    view! {
        <Title text="" formatter=title/>
        <Router>
            <Routes fallback=pages::NotFound>
                <Route path=path!("/setup") view={Lazy::<chunks::Setup>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view={Lazy::<chunks::SignIn>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/invites/:token") view={Lazy::<chunks::AcceptInvite>::new()} ssr=SsrMode::Async/>
                <Route path=path!("/password-reset/:token") view={Lazy::<chunks::PasswordReset>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("/") view=|| Frame().into_any() ssr=SsrMode::Async>
                    <Route path=path!("") view={Lazy::<chunks::Projects>::new()}/>
                    <Route path=path!("account") view={Lazy::<chunks::Account>::new()}/>
                    <Route path=path!("account/tokens") view={Lazy::<chunks::Tokens>::new()}/>
                    <Route path=path!("admin/people") view={Lazy::<chunks::Users>::new()}/>
                    <Route path=path!("admin/audit") view={Lazy::<chunks::InstanceAudit>::new()}/>
                    <ParentRoute path=path!("projects/:project") view=|| ProjectOutlet().into_any()>
                        <Route path=path!("") view=|| pages::ProjectEntry().into_any()/>
                        <Route path=path!("issues") view={Lazy::<chunks::Issues>::new()}/>
                        <Route path=path!("issues/:issue") view={Lazy::<chunks::Issue>::new()}/>
                        <Route path=path!("settings") view={Lazy::<chunks::ProjectSettings>::new()}/>
                        <Route path=path!("settings/integration") view={Lazy::<chunks::Integration>::new()}/>
                        <Route path=path!("settings/webhooks") view={Lazy::<chunks::Webhooks>::new()}/>
                        <Route path=path!("settings/members") view={Lazy::<chunks::Members>::new()}/>
                        <Route path=path!("settings/audit") view={Lazy::<chunks::Audit>::new()}/>
                        // The last route, because it matches any path: cases, runs, sessions.
                        <Route path=path!(":subject") view={Lazy::<chunks::ItemList>::new()}/>
                        <Route path=path!(":subject/:item") view={Lazy::<chunks::Item>::new()}/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion toasts/>
    }
}

/// The document's title. Until the code of a page has loaded, the previous title stays.
fn title(of_page: String) -> String {
    if !of_page.is_empty() {
        return format!("{} · Testbell", title_text(&of_page));
    }
    #[cfg(feature = "hydrate")]
    return document().title();
    #[cfg(not(feature = "hydrate"))]
    "Testbell".to_owned()
}
