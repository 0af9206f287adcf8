//! The inbound section: at most one webhook, for the tracker of the project's integration.

use leptos::form::ActionForm;
use leptos::prelude::*;

use super::card::Card;
use crate::api::webhooks::CreateInbound;
use crate::components::dialog::Dialog;
use crate::components::empty::Empty;
use crate::components::failure::{FormError, failure, on_success};
use crate::components::field::{Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::ready::use_ready;
use crate::components::reveal::{Once, Reveal};
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::{Integration, Provider};
use crate::model::webhook::{CreatedWebhook, Webhook, WebhookKind};

/// See the [module](self).
#[component]
pub fn Inbound(
    rows: Rows<WebhookId, Webhook>,
    integration: RwSignal<Option<Integration>>,
    project: ProjectId,
) -> impl IntoView {
    let toasts = use_toasts();
    let ready = use_ready();
    let provider = Memo::new(move |_| integration.with(|integration| integration.as_ref().map(|found| found.provider)));
    let create = ServerAction::<CreateInbound>::new();
    let error = failure(create);
    let revealed = RwSignal::new(None::<CreatedWebhook>);
    let asking = RwSignal::new(false);
    on_success(create, move |created| {
        asking.set(false);
        rows.push(created.webhook.id, created.webhook.clone());
        if created.reveal.is_some() {
            revealed.set(Some(created));
        } else {
            toasts.done("The inbound webhook is ready");
        }
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
        {move || revealed.get().map(|created| view! { <RevealInbound created repository=repository(integration) revealed/> })}
        <section>
            <header class="section-head">
                <div><h2>"Inbound"</h2><p class="hint">{hint}</p></div>
                <div class="with-reason">
                    <button
                        type="button"
                        class="button primary"
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
                <Card row removed=move |id| rows.remove(id)/>
            </For>
        </section>
        <Dialog open=asking title="Azure DevOps credentials" on_close=move |()| asking.set(false)>
            <ActionForm action=create attr:class="form">
                <p class="hint">"What the service hook will send by Basic authentication. They are stored encrypted and can't be read back."</p>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <TextField name="username" label="Username" required=true autofocus=true error/>
                <TextField name="password" label="Password" kind="password" autocomplete="new-password" required=true error/>
                <div class="actions">
                    <button type="button" class="button" on:click=move |_| asking.set(false)>"Cancel"</button>
                    <Submit pending=create.pending() reveals=true>"Add webhook"</Submit>
                </div>
            </ActionForm>
        </Dialog>
    }
}

fn repository(integration: RwSignal<Option<Integration>>) -> String {
    integration
        .with_untracked(|integration| integration.as_ref().map(|found| found.repository.clone()))
        .unwrap_or_default()
}

fn nothing(provider: Option<Provider>, project: ProjectId) -> AnyView {
    let settings = format!("/projects/{project}/settings/integration");
    match provider {
        None => view! {
            <Empty sign=Icon::Inbound title="No inbound webhook">
                <p>
                    "An Issue Integration is required before the project can receive events. Connect it in the "
                    <a class="link" href=settings>"issue integration settings"</a>"."
                </p>
            </Empty>
        }
        .into_any(),
        Some(provider) if !provider.has_inbound() => view! {
            <Empty sign=Icon::Inbound title="No inbound webhook">
                <p>"Simple URL only links to issues. Choose another tracker in the "<a class="link" href=settings>"issue integration settings"</a>" to receive events."</p>
            </Empty>
        }
        .into_any(),
        Some(_) => view! {
            <Empty sign=Icon::Inbound title="No inbound webhook">
                <p>"Add one to receive issue updates from your assigned Issue Integration."</p>
            </Empty>
        }
        .into_any(),
    }
}

/// What is shown once after it was made.
#[component]
fn RevealInbound(
    created: CreatedWebhook,
    repository: String,
    revealed: RwSignal<Option<CreatedWebhook>>,
) -> impl IntoView {
    let kind = created.webhook.kind;
    let reveal = created.reveal;
    let url = reveal.as_ref().and_then(|reveal| reveal.url.clone()).map(|text| Once { label: "Payload URL", text });
    let secret = reveal.and_then(|reveal| reveal.secret).map(|text| Once { label: "Secret", text });
    let done = if secret.is_some() { "I have copied both" } else { "I have copied it" };
    let texts: Vec<_> = url.into_iter().chain(secret).collect();
    view! {
        <Reveal
            lead=format!("{} inbound webhook for {repository}. What is secret is stored encrypted and can't be read back.", kind.label())
            texts
            done=done
            on_done=move |()| revealed.set(None)
            steps=steps(kind)
        />
    }
}

/// What to do in the tracker.
fn steps(kind: WebhookKind) -> Vec<String> {
    let steps: &[&str] = match kind {
        WebhookKind::Github => &[
            "In the repository, open Settings, Webhooks, Add webhook.",
            "Paste the URL and the secret; set Content type to application/json.",
            "Choose Let me select individual events, then Issues.",
        ],
        WebhookKind::Jira => &[
            "In Jira, open Settings, System, WebHooks, Create a WebHook.",
            "Paste the URL and the secret.",
            "Subscribe to issue created, updated and deleted.",
        ],
        WebhookKind::AzureDevops => &[
            "In the project, open Project settings, Service hooks, and add Web Hooks.",
            "Choose the events Work item created and Work item updated.",
            "Paste the URL, and enter the username and password that you typed here.",
        ],
        WebhookKind::Generic | WebhookKind::Slack => &[],
    };
    steps.iter().map(|step| (*step).to_owned()).collect()
}
