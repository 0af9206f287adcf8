//! The dialogs of the page. Their code loads when the page is hydrated, or with the page if the URL opens one.

use leptos::prelude::*;

use super::confirm::ConfirmDialog;
use super::context::use_webhooks_page;
use super::create_dialog::CreateDialog;
use super::destination_dialog::DestinationDialog;
use super::edit_dialog::EditDialog;
use super::event_sample::EventSampleDialog;
use super::events_dialog::EventsDialog;
use super::of_page;
use super::replay_dialog::ReplayDialog;
use super::sample_dialog::SampleDialog;
use super::scope_dialog::ScopeDialog;
use super::signing_dialog::SigningDialog;
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::webhook::{CreatedWebhook, Webhook};
use crate::url_state::use_url_state;

/// What the dialogs tell the page.
#[derive(Clone, Copy)]
pub struct WebhookChanges {
    /// Whether the caller is an admin of the project.
    pub admin: bool,
    /// Called with a changed webhook.
    pub changed: Callback<Webhook>,
    /// Called with a new copy of a webhook.
    pub created: Callback<Webhook>,
    /// Called with the ID of a deleted webhook.
    pub removed: Callback<WebhookId>,
    /// Returns the ID of the element that gets the focus after a webhook is deleted.
    pub after: Callback<WebhookId, String>,
}

#[component]
pub fn WebhookDialogs(
    project: ProjectId,
    outbound: Rows<WebhookId, Webhook>,
    changes: WebhookChanges,
) -> impl IntoView {
    let WebhookChanges { admin, changed, created: copied, removed, after } = changes;
    let (context, toasts, url_state) = (use_webhooks_page(), use_toasts(), use_url_state());
    let created = move |created: CreatedWebhook| {
        // With several projects, it may belong to another one.
        let created = CreatedWebhook { webhook: of_page(created.webhook, project), ..created };
        outbound.push(created.webhook.id, created.webhook.clone());
        if created.reveal.is_some() {
            context.revealed.add(created);
        } else {
            toasts.done("Webhook added");
        }
        url_state.replace(&[("add", None), ("endpoint", None)]);
    };
    view! {
        {admin.then(|| view! { <CreateDialog project=Some(project) choices=None created/> })}
        <EventsDialog rows=outbound changed=admin.then_some(changed)/>
        <ConfirmDialog changed created=copied removed after/>
        <EditDialog changed/>
        <DestinationDialog changed/>
        <ScopeDialog changed/>
        <SigningDialog changed/>
        <SampleDialog/>
        <ReplayDialog/>
        <EventSampleDialog/>
    }
}
