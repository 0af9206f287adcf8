//! Both sections for a member, who reads the webhooks and changes none: no button that the service
//! would refuse.

use leptos::prelude::*;

use super::card::held_note;
use super::health::{activity, health_badge};
use super::picker::about;
use crate::components::empty::Empty;
use crate::components::icon::Icon;
use crate::components::pager::Pager;
use crate::live::{Row, Rows};
use crate::model::catalog::EventType;
use crate::model::id::WebhookId;
use crate::model::webhook::{Direction, Webhook};

/// See the [module](self).
#[component]
pub fn ReadOnly(
    inbound: Rows<WebhookId, Webhook>,
    outbound: Rows<WebhookId, Webhook>,
    /// Whether the inbound webhook would be on this page.
    on_first_page: bool,
    /// The cursor of the next page.
    next: Option<String>,
) -> impl IntoView {
    view! {
        <p class="note idle apart">"An admin of the project adds, changes and tests webhooks."</p>
        {on_first_page.then(|| section(Direction::Inbound, inbound))}
        {section(Direction::Outbound, outbound)}
        <Pager next/>
    }
}

fn section(direction: Direction, rows: Rows<WebhookId, Webhook>) -> AnyView {
    let (sign, none) = match direction {
        Direction::Inbound => (Icon::Inbound, "No inbound webhook"),
        Direction::Outbound => (Icon::Outbound, "No outbound webhook"),
    };
    view! {
        <section>
            <header class="section-head"><h2>{direction.label()}</h2></header>
            <Show when=move || rows.is_empty()>
                <Empty sign title=none><p>"An admin of the project can add one."</p></Empty>
            </Show>
            <For each=move || rows.get() key=|row| row.id let:row>{card(row)}</For>
        </section>
    }
    .into_any()
}

fn card(row: Row<WebhookId, Webhook>) -> AnyView {
    let id = row.id;
    let flash = row.flash();
    let webhook = Signal::<Webhook>::from(row.value);
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let (kind, direction) = webhook.with_untracked(|webhook| (webhook.kind, webhook.direction));
    let events = Memo::new(move |_| webhook.with(|webhook| webhook.events.clone()));
    view! {
        <article class="card webhook" id=format!("card-{id}") tabindex="-1" data-flash=flash aria-label=name>
            <div class="head">
                <div class="named"><h3 class="title">{name}</h3><span class="kind">{kind.label()}</span>{health_badge(webhook)}</div>
                <a class="button small" href=format!("?tab=deliveries&webhook={id}") aria-label=move || format!("Deliveries of {}", name.get())>
                    "Deliveries"
                </a>
            </div>
            <p class="url">{move || webhook.with(|webhook| webhook.url.clone())}</p>
            <p class="facts">{move || webhook.with(activity)}</p>
            {move || webhook.with(held_note)}
            {(direction == Direction::Outbound).then_some(move || events.with(|events| subscribed(events)))}
        </article>
    }
    .into_any()
}

fn subscribed(events: &[EventType]) -> AnyView {
    if events.is_empty() {
        return view! { <p class="subscribed hint">"It is subscribed to no event: nothing is sent."</p> }.into_any();
    }
    let items =
        events.iter().map(|&event| view! { <li><code>{event.as_str()}</code>{about(event)}</li> }).collect_view();
    view! { <ul class="subscribed" aria-label="Subscribed events">{items}</ul> }.into_any()
}
