//! The app: its routes on one screen.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::components::ready::provide_ready;
use crate::components::toast::{ToastRegion, provide_toasts};
use crate::components::when::provide_now;
use crate::layout::{Frame, ProjectScope};
use crate::model::item::Kind;
use crate::pages;

/// The app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_ready();
    provide_now();
    let toasts = provide_toasts();
    // Each page is a type of its own to the compiler no further than here.
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Testbell".to_owned() } else { format!("{title} · Testbell") }/>
        <Router>
            <Routes fallback=pages::NotFound>
                <Route path=path!("/setup") view=|| pages::Setup().into_any() ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=|| pages::SignIn().into_any() ssr=SsrMode::Async/>
                <Route path=path!("/invites/:token") view=|| pages::AcceptInvite().into_any() ssr=SsrMode::Async/>
                <ParentRoute path=path!("/") view=|| Frame().into_any() ssr=SsrMode::Async>
                    <Route path=path!("") view=|| pages::Projects().into_any()/>
                    <Route path=path!("account/tokens") view=|| pages::Tokens().into_any()/>
                    <ParentRoute path=path!("projects/:project") view=|| ProjectScope().into_any()>
                        <Route path=path!("") view=|| pages::ProjectEntry().into_any()/>
                        <Route path=path!("issues") view=|| pages::Issues().into_any()/>
                        <Route path=path!("issues/:issue") view=|| pages::Issue().into_any()/>
                        <Route path=path!("cases") view=|| list(Kind::Case)/>
                        <Route path=path!("cases/:case") view=|| pages::Case().into_any()/>
                        <Route path=path!("runs") view=|| list(Kind::Run)/>
                        <Route path=path!("runs/:item") view=|| work(Kind::Run)/>
                        <Route path=path!("sessions") view=|| list(Kind::Session)/>
                        <Route path=path!("sessions/:item") view=|| work(Kind::Session)/>
                        <Route path=path!("settings") view=|| pages::ProjectSettings().into_any()/>
                        <Route path=path!("settings/integration") view=|| pages::Integration().into_any()/>
                        <Route path=path!("settings/webhooks") view=|| pages::Webhooks().into_any()/>
                        <Route path=path!("settings/members") view=|| pages::Members().into_any()/>
                        <Route path=path!("settings/audit") view=|| pages::Audit().into_any()/>
                    </ParentRoute>
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion toasts/>
    }
}

fn list(kind: Kind) -> AnyView {
    view! { <pages::List kind/> }.into_any()
}

fn work(kind: Kind) -> AnyView {
    view! { <pages::Work kind/> }.into_any()
}
