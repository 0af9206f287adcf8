//! What is shown once, after a webhook was made or its secret rotated, with the steps that bring it
//! to the other end.

use leptos::prelude::*;

use super::desk::use_desk;
use crate::components::focus::focus;
use crate::components::reveal::{Once, Reveal};
use crate::layout::Uncopied;
use crate::model::id::ProjectId;
use crate::model::integration::{Integration, Provider};
use crate::model::webhook::{CreatedWebhook, WebhookKind};

/// A panel for each webhook of the project that has something to copy.
#[component]
pub fn Revealed(project: ProjectId) -> impl IntoView {
    let uncopied = use_desk().revealed;
    view! {
        <For each=move || uncopied.of(project) key=|(number, _)| *number let:one>
            {panel(one.1, uncopied)}
        </For>
    }
}

fn panel(created: CreatedWebhook, uncopied: Uncopied) -> AnyView {
    let CreatedWebhook { webhook, reveal } = created;
    let Some(reveal) = reveal else { return ().into_any() };
    let id = webhook.id;
    let card = format!("card-{id}");
    let url = reveal.url.map(|text| Once { label: "Payload URL", text });
    let secret = reveal.secret.map(|text| Once { label: "Secret", text });
    let done = if url.is_some() && secret.is_some() { "I have copied both" } else { "I have copied it" };
    let lead = match webhook.kind {
        WebhookKind::AzureDevops => {
            "The username and password that you typed are stored encrypted and can't be read back."
        }
        _ => "The secret is stored encrypted and can't be read back.",
    };
    let integration = use_desk().integration;
    let steps = Signal::derive(move || {
        let key = integration.with(|found| jira_key(found.as_ref()).unwrap_or("KEY").to_owned());
        steps(webhook.kind).iter().map(|step| step.replace("{key}", &key)).collect::<Vec<_>>()
    });
    view! {
        <Reveal
            lead=format!("{}. {lead}", webhook.name)
            texts=url.into_iter().chain(secret).collect()
            done
            on_done=move |()| {
                uncopied.forget(id);
                focus(&card);
            }
            steps
        />
    }
    .into_any()
}

/// The key of the project in Jira.
fn jira_key(integration: Option<&Integration>) -> Option<&str> {
    integration.filter(|found| found.provider == Provider::Jira).map(|found| found.repository.as_str())
}

/// What to do at the other end; `{key}` stands for the key of the project in Jira.
const fn steps(kind: WebhookKind) -> &'static [&'static str] {
    match kind {
        WebhookKind::Github => &[
            "In the repository, open Settings, Webhooks, and Add webhook, or edit the one that is there.",
            "Paste the URL and the secret, and set Content type to application/json.",
            "Choose Let me select individual events, then Issues.",
        ],
        WebhookKind::Jira => &[
            "As an administrator of Jira, open System, WebHooks, and create a webhook, or edit the one that is there.",
            "Paste the URL, and the secret as the one that signs (HMAC).",
            "Choose the events Issue created, updated and deleted, for the issues of your project, as by the JQL project = {key}.",
            "In Data Center it is the same page; its version must have the field for the secret, as unsigned events are refused.",
        ],
        WebhookKind::AzureDevops => &[
            "In the project, open Project settings, Service hooks, and create a subscription of Web Hooks.",
            "Choose the event Work item updated; make further ones for Work item created, deleted and restored.",
            "Paste the URL, and the username and password that you typed here, as the Basic authentication.",
            "Leave Resource details to send at All.",
        ],
        WebhookKind::Generic => &[
            "Give it to the receiving service, which verifies the header webhook-signature with it (Standard Webhooks 1.0).",
            "Answer 2xx within 10 seconds; anything else is tried again.",
        ],
        WebhookKind::Slack => &[],
    }
}
