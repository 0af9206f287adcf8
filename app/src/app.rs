//! The app: its routes on one screen.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::chunks::LazyPage;
use crate::components::raw_text::title_text;
use crate::components::relative_time::provide_current_time;
use crate::components::toast::{ToastRegion, provide_toasts};
use crate::pages;

/// The app, on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_current_time();
    let toasts = provide_toasts();
    view! {
        <Title text="" formatter=title/>
        <Router>
            <Routes fallback=pages::NotFound>
                <Route path=path!("/setup") view=LazyPage::Setup ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=LazyPage::SignIn ssr=SsrMode::Async/>
                <Route path=path!("/invites/:token") view=LazyPage::AcceptInvite ssr=SsrMode::Async/>
                <Route path=path!("/password-reset/:token") view=LazyPage::PasswordReset ssr=SsrMode::Async/>
                <Route path=path!("/public/runs/:token") view=LazyPage::PublicRunPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("/") view=LazyPage::Frame ssr=SsrMode::Async>
                    <Route path=path!("") view=LazyPage::Projects/>
                    <Route path=path!("account") view=LazyPage::Account/>
                    <Route path=path!("account/tokens") view=LazyPage::Tokens/>
                    <Route path=path!("webhooks") view=LazyPage::SharedWebhooks/>
                    <Route path=path!("webhooks/:webhook") view=LazyPage::SharedWebhook/>
                    <Route path=path!("notifications") view=LazyPage::Notifications/>
                    <Route path=path!("admin/email") view=LazyPage::EmailServer/>
                    <Route path=path!("admin/people") view=LazyPage::Users/>
                    <Route path=path!("admin/audit") view=LazyPage::InstanceAudit/>
                    <Route path=path!("admin/settings") view=LazyPage::InstanceSettings/>
                    <Route path=path!("admin/webhook-pause") view=LazyPage::WebhookPausePage/>
                    <ParentRoute path=path!("projects/:project") view=LazyPage::ProjectOutlet>
                        <Route path=path!("") view=LazyPage::ProjectEntry/>
                        <Route path=path!("dashboard") view=LazyPage::Dashboard/>
                        <Route path=path!("issues") view=LazyPage::Issues/>
                        <Route path=path!("issues/:issue") view=LazyPage::Issue/>
                        <Route path=path!("settings") view=LazyPage::ProjectSettings/>
                        <Route path=path!("settings/integration") view=LazyPage::Integration/>
                        <Route path=path!("settings/webhooks") view=LazyPage::Webhooks/>
                        <Route path=path!("settings/webhooks/:webhook") view=LazyPage::WebhookDetail/>
                        <Route path=path!("settings/events") view=LazyPage::CustomEvents/>
                        <Route path=path!("settings/members") view=LazyPage::Members/>
                        <Route path=path!("settings/audit") view=LazyPage::Audit/>
                        <Route path=path!("import") view=LazyPage::ImportCases/>
                        <Route path=path!("cases/:item") view=LazyPage::CasePage/>
                        <Route path=path!("reviews/:item") view=LazyPage::ReviewPage/>
                        <Route path=path!("runs/:item") view=LazyPage::RunPage/>
                        <Route path=path!("sessions/:item") view=LazyPage::SessionPage/>
                        // The last routes, because they match any path.
                        <Route path=path!(":subject") view=LazyPage::ItemList/>
                        <Route path=path!(":subject/:item") view=LazyPage::Item/>
                        <Route path=path!(":subject/:item/report") view=LazyPage::ItemReport/>
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
