//! The deliveries, a row each; a row changes as its delivery does.

use leptos::prelude::*;

use crate::api;
use crate::components::badge;
use crate::components::empty::Empty;
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::when::When;
use crate::error::Error;
use crate::live::{Gather, Heard, Row, Rows, use_live};
use crate::model::delivery::{Delivery, DeliveryQuery, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::live::What;
use crate::model::page::Page;
use crate::model::webhook::Direction;
use crate::place::use_place;
use crate::time;

/// More changes at once than this, and the page is read again as a whole.
const ONE_BY_ONE: usize = 10;

/// See the [module](self).
#[component]
pub fn Table(
    page: Page<Delivery>,
    query: DeliveryQuery,
    chosen: Memo<Option<DeliveryId>>,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let complete = page.next_cursor.is_none();
    let on_first_page = query.cursor.is_none();
    let filtered = query != DeliveryQuery::default();
    let rows = Rows::new(page.items.into_iter().map(|delivery| (delivery.id, delivery)));
    let asked = StoredValue::new(query);
    let read = move |id: DeliveryId| async move {
        match api::deliveries::read_delivery(id).await {
            Ok(detail) => {
                let delivery = detail.delivery;
                if rows.contains(id) {
                    rows.change(id, delivery);
                } else if on_first_page && asked.try_with_value(|asked| asked.admits(&delivery)) == Some(true) {
                    rows.put(id, delivery, complete);
                }
            }
            Err(Error::NotFound) => rows.remove(id),
            Err(_) => {}
        }
    };
    let changed = Gather::new(move |ids: Vec<DeliveryId>| {
        if ids.len() > ONE_BY_ONE {
            reload.run(());
        } else {
            for id in ids {
                leptos::task::spawn_local(read(id));
            }
        }
    });
    use_live(move |heard| match heard {
        Heard::Changed(What::DeliveryChanged { delivery_id, .. }) if on_first_page || rows.contains(delivery_id) => {
            changed.add(delivery_id);
        }
        Heard::Changed(_) => {}
        Heard::Missed => reload.run(()),
    });
    view! {
        <Show when=move || rows.is_empty()><Nothing filtered/></Show>
        <div class="table-wrap" hidden=move || rows.is_empty()>
            <table class="stack deliveries">
                <thead>
                    <tr>
                        <th>"Event"</th><th>"Webhook"</th><th>"Outcome"</th><th class="num">"Status"</th>
                        <th class="num">"Attempts"</th><th class="num">"Took"</th><th>"When"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id let:row>
                        <DeliveryRow row chosen/>
                    </For>
                </tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
}

#[component]
fn Nothing(filtered: bool) -> impl IntoView {
    if filtered {
        view! {
            <Empty sign=Icon::Webhook title="No delivery like that">
                <p>"Nothing matches the filters."</p>
                <a class="button" href="?tab=deliveries" data-noscroll="">"Show all deliveries"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty sign=Icon::Webhook title="Nothing received or sent yet">
                <p>"Deliveries appear here at once: what a tracker sends, and what Testbell sends for the events a webhook is subscribed to."</p>
            </Empty>
        }
        .into_any()
    }
}

#[component]
fn DeliveryRow(row: Row<DeliveryId, Delivery>, chosen: Memo<Option<DeliveryId>>) -> impl IntoView {
    let place = use_place();
    let id = row.id;
    let flash = row.flash();
    let value = row.value;
    let selected = Memo::new(move |_| chosen.get() == Some(id));
    let cells = move || {
        let delivery = value.get();
        let href = move || place.with(&[("delivery", Some(&id.to_string()))]);
        let (sign, way) = match delivery.direction {
            Direction::Inbound => (Icon::Inbound, "Inbound"),
            Direction::Outbound => (Icon::Outbound, "Outbound"),
        };
        let outcome = badge::delivery(&delivery);
        let dash = || "–".to_owned();
        let attempts = match delivery.direction {
            Direction::Inbound => dash(),
            Direction::Outbound => format!("{} of {}", delivery.attempts, delivery.max_attempts),
        };
        let next = (delivery.status == DeliveryStatus::Pending).then_some(delivery.next_attempt_at).flatten();
        view! {
            <td class="main">
                <span class="way" title=way>{icon(sign)}<span class="visually-hidden">{way}</span></span>
                <a class="event" href=href data-noscroll="" id=format!("row-{id}")><code>{delivery.event}</code></a>
                {delivery.test.then(|| view! { <span class="kind">"Test"</span> })}
                {delivery.replay_of.map(|_| view! { <span class="kind">"Replay"</span> })}
            </td>
            <td data-label="Webhook">{delivery.webhook_name}</td>
            <td data-label="Outcome">
                {outcome}
                {next.map(|time| view! { <span class="hint next">"next "<When time due=true/></span> })}
            </td>
            <td class="num" data-label="Status">{delivery.status_code.map_or_else(dash, |code| code.to_string())}</td>
            <td class="num" data-label="Attempts">{attempts}</td>
            <td class="num" data-label="Took">{delivery.duration_ms.map_or_else(dash, time::duration)}</td>
            <td data-label="When"><When time=delivery.created_at/></td>
        }
    };
    view! { <tr data-flash=flash class:chosen=selected>{cells}</tr> }
}
