//! The inbound section: at most one webhook, for the tracker of the project's integration.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::inbound_credentials::InboundCredentialsDialog;
use super::webhook_row::WebhookRow;
use crate::api::webhooks::CreateInbound;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::empty::Empty;
use crate::components::foreign_issues_note::foreign_issues_note;
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::page_action::PageAction;
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::provider::{InboundAuthentication, Provider};
use crate::model::webhook::Webhook;

#[component]
pub fn Inbound(
    rows: Rows<WebhookId, Webhook>,
    project: ProjectId,
    /// Called with a changed webhook; `None` for a member.
    changed: Option<Callback<Webhook>>,
) -> impl IntoView {
    let (context, toasts, hydrated) = (use_webhooks_page(), use_toasts(), use_hydrated());
    let integration = context.integration;
    let provider = Memo::new(move |_| integration.with(|integration| integration.as_ref().map(|found| found.provider)));
    let create = PageAction::<CreateInbound>::new();
    let error = create.error();
    let dialog_open = RwSignal::new(false);
    create.on_success(move |created| {
        dialog_open.set(false);
        rows.push(created.webhook.id, created.webhook.clone());
        context.revealed.add(created);
    });
    Effect::new(move |_| {
        if let Some(error) = error.get().filter(|_| !dialog_open.get_untracked()) {
            toasts.failed(error.to_string());
        }
    });
    let reason = move || match provider.get() {
        _ if !rows.is_empty() => Some("A project has one inbound webhook.".to_owned()),
        None => Some("Connect an issue integration first.".to_owned()),
        Some(provider) if !provider.has_inbound() => Some(format!("{} doesn't support webhooks.", provider.label())),
        Some(_) => None,
    };
    let add = move |_| match provider.get_untracked().and_then(Provider::inbound_authentication) {
        Some(InboundAuthentication::UsernamePassword) => dialog_open.set(true),
        Some(InboundAuthentication::Secret | InboundAuthentication::TrackerSecret) | None => {
            create.dispatch(CreateInbound { project, username: String::new(), password: String::new() });
        }
    };
    view! {
        <section>
            <header class="section-head">
                <h2 id="inbound" tabindex="-1">"Inbound"</h2>
                {changed.map(|_| view! {
                    <div class="with-reason">
                        <button
                            type="button"
                            class="button small"
                            class:needs-hydration=dynamic_value(move || reason().is_none())
                            aria-describedby="inbound-reason"
                            disabled=dynamic_value(move || reason().is_some() || create.pending().get() || !hydrated.get())
                            on:click=add
                        >
                            {icon(Icon::Plus)}"Add webhook"
                        </button>
                        <p class="hint" id="inbound-reason">{dynamic(reason)}</p>
                    </div>
                })}
            </header>
            <ShowWhen when=move || rows.is_empty()>{dynamic(move || nothing(provider.get(), project, changed.is_some()))}</ShowWhen>
            <div class="card flush webhooks" hidden=dynamic_value(move || rows.is_empty())>
                <For each=move || rows.get() key=|row| row.id let:row>
                    <WebhookRow row changed/>
                </For>
            </div>
            {dynamic(move || integration.with(|found| found.as_ref().and_then(|found| foreign_issues_note(found, project))))}
        </section>
        {changed.map(|_| view! { <InboundCredentialsDialog project provider create dialog_open/> })}
    }
}

/// The empty state: what a webhook requires.
fn nothing(provider: Option<Provider>, project: ProjectId, admin: bool) -> AnyView {
    let settings = format!("/projects/{project}/settings/integration");
    let link = |text: &'static str| view! { <a class="link" href=settings>{text}</a> };
    let text = match provider {
        _ if !admin => "Project admins can add one.".into_any(),
        None => view! { {link("Connect an issue integration")}" to receive events." }.into_any(),
        Some(provider) if !provider.has_inbound() => {
            let text = format!("{} doesn't support webhooks. Choose another tracker in the ", provider.label());
            view! { {text}{link("issue integration settings")}"." }.into_any()
        }
        Some(provider) => format!("Receive issue changes from {} as they happen.", provider.label()).into_any(),
    };
    view! { <Empty icon=Icon::Inbound title="No inbound webhook"><p>{text}</p></Empty> }.into_any()
}
