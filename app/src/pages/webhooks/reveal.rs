//! A dialog with the new secrets of a webhook, shown once after it was created or rotated, with the setup steps.

use leptos::prelude::*;

use super::context::use_webhooks_page;
use crate::components::focus::focus;
use crate::components::reveal::{OneTimeSecret, Reveal};
use crate::layout::PendingSecrets;
use crate::model::id::ProjectId;
use crate::model::integration::Integration;
use crate::model::provider::{InboundAuthentication, Provider};
use crate::model::signing::WebhookSigning;
use crate::model::webhook::CreatedWebhook;

/// A dialog for each webhook with pending secrets: of the project, or else of those with several projects.
#[component]
pub fn Revealed(#[prop(into)] project: Option<ProjectId>) -> impl IntoView {
    let pending_secrets = use_webhooks_page().revealed;
    view! {
        <For each=move || pending_secrets.of_page(project) key=|(number, _)| *number let:one>
            {dialog(one.1, pending_secrets)}
        </For>
    }
}

fn dialog(created: CreatedWebhook, pending_secrets: PendingSecrets) -> AnyView {
    let CreatedWebhook { webhook, reveal } = created;
    let Some(reveal) = reveal else { return ().into_any() };
    let id = webhook.id;
    let card = format!("card-{id}");
    let title = format!("{} of {}", if reveal.url.is_some() { "URL and secret" } else { "Secret" }, webhook.name);
    let url = reveal.url.map(|text| OneTimeSecret { label: "Payload URL", text });
    let secret = reveal.secret.map(|text| OneTimeSecret { label: "Secret", text });
    let provider = webhook.kind.tracker();
    let authentication = provider.and_then(Provider::inbound_authentication);
    let lead = authentication.unwrap_or(InboundAuthentication::Secret).storage_note();
    let destination = webhook.kind.destination();
    let timeout = webhook.policy.as_ref().map_or(0, |policy| policy.timeout_seconds);
    let integration = use_webhooks_page().integration;
    let signing = webhook.signing;
    let steps = Signal::derive(move || match provider {
        Some(provider) => integration.with(|found| provider.setup_steps(repository_of(found.as_ref(), provider))),
        None => {
            let first = signing.iter().map(WebhookSigning::setup_step);
            first.chain(destination.into_iter().flat_map(|kind| kind.setup_steps(timeout))).collect()
        }
    });
    view! {
        <Reveal
            title
            lead
            texts=url.into_iter().chain(secret).collect()
            on_done=move |()| {
                pending_secrets.forget(id);
                focus(&card);
            }
            steps
        />
    }
    .into_any()
}

/// The repository in the setup steps.
fn repository_of(integration: Option<&Integration>, provider: Provider) -> &str {
    integration.filter(|found| found.provider == provider).map_or("KEY", |found| found.repository.as_str())
}
