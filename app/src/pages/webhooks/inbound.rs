//! The inbound section: at most one webhook, for the tracker of the project's integration.

use leptos::prelude::*;

use super::azure::AzureDialog;
use super::card::Card;
use super::desk::use_desk;
use crate::api::webhooks::CreateInbound;
use crate::components::empty::Empty;
use crate::components::failure::{failure, on_success};
use crate::components::icon::{Icon, icon};
use crate::components::ready::use_ready;
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::Provider;
use crate::model::webhook::Webhook;

/// See the [module](self).
#[component]
pub fn Inbound(rows: Rows<WebhookId, Webhook>, project: ProjectId, changed: Callback<Webhook>) -> impl IntoView {
    let (desk, toasts, ready) = (use_desk(), use_toasts(), use_ready());
    let integration = desk.integration;
    let provider = Memo::new(move |_| integration.with(|integration| integration.as_ref().map(|found| found.provider)));
    let create = ServerAction::<CreateInbound>::new();
    let error = failure(create);
    let asking = RwSignal::new(false);
    on_success(create, move |created| {
        asking.set(false);
        rows.push(created.webhook.id, created.webhook.clone());
        desk.revealed.add(created);
    });
    Effect::new(move |_| {
        if let Some(error) = error.get().filter(|_| !asking.get_untracked()) {
            toasts.failed(error.to_string());
        }
    });
    let reason = move || match provider.get() {
        _ if !rows.is_empty() => Some("A project has one inbound webhook."),
        None => Some("Connect an issue integration first."),
        Some(Provider::SimpleUrl) => Some("Simple URL only links: it sends no events."),
        Some(_) => None,
    };
    let add = move |_| match provider.get_untracked() {
        Some(Provider::AzureDevops) => asking.set(true),
        _ => {
            create.dispatch(CreateInbound { project, username: String::new(), password: String::new() });
        }
    };
    let hint = move || {
        provider.get().filter(|provider| provider.has_inbound()).map_or_else(
            || "One per project, for the tracker of its integration.".to_owned(),
            |provider| format!("One per project, for the {} integration.", provider.label()),
        )
    };
    view! {
        <section>
            <header class="section-head">
                <div><h2 id="inbound" tabindex="-1">"Inbound"</h2><p class="hint">{hint}</p></div>
                <div class="with-reason">
                    <button
                        type="button"
                        class="button primary"
                        class:waits=move || reason().is_none()
                        aria-describedby="inbound-reason"
                        disabled=move || reason().is_some() || create.pending().get() || !ready.get()
                        on:click=add
                    >
                        {icon(Icon::Plus)}"Add webhook"
                    </button>
                    <p class="hint" id="inbound-reason">{reason}</p>
                </div>
            </header>
            <Show when=move || rows.is_empty()>{move || nothing(provider.get(), project)}</Show>
            <For each=move || rows.get() key=|row| row.id let:row>
                <Card row changed/>
            </For>
        </section>
        <AzureDialog project create asking/>
    }
}

/// What stands where no webhook is yet: what it takes to have one.
fn nothing(provider: Option<Provider>, project: ProjectId) -> AnyView {
    let settings = format!("/projects/{project}/settings/integration");
    let (before, link, after) = match provider {
        None => (
            "An Issue Integration is required before the project can receive events. Connect it in the ",
            Some("issue integration settings"),
            ".",
        ),
        Some(provider) if !provider.has_inbound() => (
            "Simple URL only links to issues. To receive events, choose another tracker in the ",
            Some("issue integration settings"),
            ".",
        ),
        Some(_) => ("Add one to receive issue updates from your assigned Issue Integration.", None, ""),
    };
    view! {
        <Empty sign=Icon::Inbound title="No inbound webhook">
            <p>{before}{link.map(|text| view! { <a class="link" href=settings>{text}</a> })}{after}</p>
        </Empty>
    }
    .into_any()
}
