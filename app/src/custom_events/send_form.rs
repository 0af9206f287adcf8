//! Publishes an event by hand, and shows how many deliveries it caused.

use leptos::prelude::*;

use super::AcceptedEvent;
use super::api::SendCustomEvent;
use crate::components::dynamic::dynamic;
use crate::components::failure::FormError;
use crate::components::field::{Submit, TextField};
use crate::components::icon::{Icon, icon};
use crate::components::number::counted;
use crate::components::page_action::PageAction;
use crate::components::page_form::PageForm;
use crate::model::id::ProjectId;

#[component]
pub fn SendForm(project: ProjectId) -> impl IntoView {
    let send = PageAction::<SendCustomEvent>::new();
    let error = send.error();
    view! {
        <section class="card">
            <h2>"Publish an event"</h2>
            <PageForm action=send>
                <FormError error/>
                <input type="hidden" name="project" value=project.to_string()/>
                <div class="columns">
                    <TextField name="sent_type" wire="type" label="Type" placeholder="custom.deploy_finished" mono=true required=true error/>
                    <TextField name="sent_title" wire="title" label="Title" hint="Optional, for chat messages" error/>
                    <TextField name="sent_link" wire="link" label="Link" kind="url" placeholder="https://" error/>
                </div>
                <TextField name="sent_data" wire="data" label="Data" hint="A JSON object" value="{}" rows=6 mono=true error/>
                <div class="actions start"><Submit pending=send.pending()>"Publish event"</Submit></div>
            </PageForm>
            <div role="status">{dynamic(move || send.output().map(|accepted| result(project, accepted)))}</div>
        </section>
    }
}

fn result(project: ProjectId, AcceptedEvent { event, deliveries, .. }: AcceptedEvent) -> AnyView {
    let count = counted(deliveries, "delivery", "deliveries");
    // A name has no character that a URL would encode.
    let href = format!("/projects/{project}/settings/webhooks?tab=deliveries&event={event}");
    let link = (deliveries > 0).then(|| view! { " "<a href=href>"Show deliveries"</a> });
    view! { <p class="note ok">{icon(Icon::Check)}<span>"Event published: "{count}"."{link}</span></p> }.into_any()
}
