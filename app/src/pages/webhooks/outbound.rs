//! The outbound section: any number of webhooks, each with its own secret and events.

use leptos::prelude::*;

use super::card::Card;
use super::create::CreateDialog;
use super::desk::use_desk;
use crate::components::empty::Empty;
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::toast::use_toasts;
use crate::live::Rows;
use crate::model::id::{ProjectId, WebhookId};
use crate::model::webhook::{CreatedWebhook, Webhook};
use crate::place::use_place;

/// See the [module](self).
#[component]
pub fn Outbound(
    rows: Rows<WebhookId, Webhook>,
    project: ProjectId,
    changed: Callback<Webhook>,
    /// The cursor of the next page.
    next: Option<String>,
) -> impl IntoView {
    let (desk, toasts, place) = (use_desk(), use_toasts(), use_place());
    let created = move |created: CreatedWebhook| {
        rows.push(created.webhook.id, created.webhook.clone());
        if created.reveal.is_some() {
            desk.revealed.add(created);
        } else {
            toasts.done("The webhook was added");
        }
        place.replace(&[("add", None)]);
    };
    let add = move || place.with(&[("add", Some("outbound"))]);
    view! {
        <section>
            <header class="section-head">
                <div>
                    <h2 id="outbound" tabindex="-1">"Outbound"</h2>
                    <p class="hint">"Any number of destinations, each with its own secret and events."</p>
                </div>
                <a class="button primary" href=add data-noscroll="">{icon(Icon::Plus)}"Add webhook"</a>
            </header>
            <Show when=move || rows.is_empty()>
                <Empty sign=Icon::Outbound title="No outbound webhook">
                    <p>"Add one to send events of issues, cases, runs and sessions to a tool of yours."</p>
                    <a class="button" href=add data-noscroll="">"Add the first one"</a>
                </Empty>
            </Show>
            <For each=move || rows.get() key=|row| row.id let:row>
                <Card row changed/>
            </For>
            <Pager next/>
        </section>
        <CreateDialog project created/>
    }
}
