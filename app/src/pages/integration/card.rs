//! The card of the connected tracker: its state, a connection test, and removal.

use leptos::prelude::*;

use super::consequences;
use crate::api;
use crate::api::integrations::{DeleteIntegration, TestIntegration};
use crate::components::badge::{Tone, badge};
use crate::components::confirm::Confirm;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::foreign_issues_note::foreign_issues_note;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::relative_time::RelativeTimeOrNever;
use crate::components::toast::use_toasts;
use crate::live::{LiveMessage, use_live};
use crate::model::id::ProjectId;
use crate::model::integration::Integration as Connected;
use crate::model::live::ChangeKind;

#[component]
pub fn IntegrationCard(
    connected: Connected,
    project: ProjectId,
    has_inbound: Signal<bool>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let toasts = use_toasts();
    let shown = RwSignal::new(connected);
    let refetch = move || {
        leptos::task::spawn_local(async move {
            if let Ok(Some(fresh)) = api::integrations::read_integration(project).await {
                let _ = shown.try_set(fresh);
            }
        });
    };
    use_live(move |message| {
        if matches!(message, LiveMessage::Missed | LiveMessage::Changed(ChangeKind::IntegrationChanged)) {
            refetch();
        }
    });
    let (test, remove) = (PageAction::<TestIntegration>::new(), PageAction::<DeleteIntegration>::new());
    let confirm_open = RwSignal::new(false);
    // The result of the test is stored in the integration.
    test.on_success(move |_| refetch());
    remove.on_success(move |()| {
        confirm_open.set(false);
        toasts.done("Integration removed");
        reload.run(());
    });
    let test_error = test.error();
    let test_result = move || {
        test.output().map(|found| {
            let (class, sign) = if found.ok { ("note ok", Icon::Check) } else { ("note bad", Icon::Warning) };
            view! { <p class=class>{icon(sign)}<span>{found.detail}</span></p> }
        })
    };
    let can_test = move || shown.with(|shown| shown.provider.spec().credentials.is_some());
    view! {
        <section class="card">
            {dynamic(move || facts(shown.get(), project))}
            <div role="status">{dynamic(test_result)}</div>
            <FormError error=test_error/>
            <div class="actions start">
                <ShowWhen when=can_test>
                    <button
                        type="button"
                        class="button"
                        disabled=test.pending()
                        aria-busy=dynamic_value(move || test.pending().get().to_string())
                        on:click=move |_| { test.dispatch(TestIntegration { project }); }
                    >
                        {dynamic(move || if test.pending().get() { "Testing…" } else { "Test connection" })}
                    </button>
                </ShowWhen>
                <button type="button" class="button" on:click=move |_| confirm_open.set(true)>"Remove integration"</button>
            </div>
        </section>
        <Confirm
            open=confirm_open
            title="Remove the integration?"
            consequences=Signal::derive(move || consequences(shown.get().has_credentials, has_inbound.get()))
            confirm_label="Remove integration"
            pending=remove.pending()
            error=remove.error()
            on_confirm=move |()| { remove.dispatch(DeleteIntegration { project }); }
        />
    }
}

fn facts(connected: Connected, project: ProjectId) -> impl IntoView {
    let (tone, state) = state(&connected);
    let token = if connected.has_credentials { "Token stored" } else { "No token" };
    view! {
        <div class="row">
            <h2 class="title">{connected.provider.label()}</h2>
            {badge(tone, state.to_owned())}
        </div>
        <p class="url">{format!("{} {}", connected.base_url, connected.repository)}</p>
        <p class="facts">
            <span>{token}</span>
            <span>"Last sync " <b><RelativeTimeOrNever time=connected.synced_at/></b></span>
            <span><b>{connected.sync_waiting}</b>" in the sync queue"</span>
            {connected.provider.has_inbound().then(|| view! { <span>"Imports " <b>{imports(&connected)}</b></span> })}
            {connected.sync_milestones.then(|| view! { <span>"Milestones " <b>"in sync"</b></span> })}
        </p>
        {foreign_issues_note(&connected, project)}
        {connected.sync_error.map(|error| view! { <p class="note bad">{icon(Icon::Warning)}<span>{error}</span></p> })}
    }
}

/// Which issues are imported.
fn imports(connected: &Connected) -> String {
    if connected.only_from_repository { format!("only {}", connected.repository) } else { "all issues".to_owned() }
}

/// The state of the integration.
fn state(connected: &Connected) -> (Tone, &'static str) {
    match connected {
        _ if connected.provider.spec().credentials.is_none() => (Tone::Ok, "Links only"),
        Connected { sync_error: Some(_), .. } => (Tone::Bad, "Sync failed"),
        Connected { has_credentials: false, .. } => (Tone::Idle, "Webhook only"),
        Connected { synced_at: None, .. } => (Tone::Idle, "Not tested"),
        _ => (Tone::Ok, "Connected"),
    }
}
