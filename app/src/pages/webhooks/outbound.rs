//! The outbound section: any number of webhooks, each with its own secret and events.

use leptos::prelude::*;

use super::card::Card;
use super::create::CreateDialog;
use crate::components::empty::Empty;
use crate::components::icon::{Icon, icon};
use crate::components::reveal::{Once, Reveal};
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::webhook::{CreatedWebhook, Webhook};
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Outbound(rows: Rows<WebhookId, Webhook>, project: ProjectId) -> impl IntoView {
    let (toasts, place) = (use_toasts(), use_place());
    let revealed = RwSignal::new(None::<CreatedWebhook>);
    let created = move |created: CreatedWebhook| {
        rows.push(created.webhook.id, created.webhook.clone());
        if created.reveal.is_some() {
            revealed.set(Some(created));
        } else {
            toasts.done("The webhook was added");
        }
        place.change(&[("add", None)]);
    };
    let reveal = move || {
        let created = revealed.get()?;
        let secret = created.reveal.and_then(|reveal| reveal.secret)?;
        Some(view! {
            <Reveal
                lead=format!("Signing secret of {}. It is stored encrypted and can't be read back.", created.webhook.name)
                texts=vec![Once { label: "Secret", text: secret }]
                done="I have copied it"
                on_done=move |()| revealed.set(None)
                steps=vec![
                    "Give it to the receiving service, which verifies the header webhook-signature with it (Standard Webhooks 1.0).".to_owned(),
                    "Answer 2xx within 10 seconds; anything else is tried again.".to_owned(),
                ]
            />
        })
    };
    view! {
        <section>
            <header class="section-head">
                <div>
                    <h2>"Outbound"</h2>
                    <p class="hint">"Any number of destinations, each with its own secret and events."</p>
                </div>
                <a class="button primary" href="?add=outbound" data-noscroll="">{icon(Icon::Plus)}"Add webhook"</a>
            </header>
            {reveal}
            <Show when=move || rows.is_empty()>
                <Empty sign=Icon::Outbound title="No outbound webhook">
                    <p>"Add one to send events of issues, cases, runs and sessions to a tool of yours."</p>
                    <a class="button" href="?add=outbound" data-noscroll="">"Add the first one"</a>
                </Empty>
            </Show>
            <For each=move || rows.get() key=|row| row.id let:row>
                <Card row removed=move |id| rows.remove(id)/>
            </For>
        </section>
        <CreateDialog project created/>
    }
}
