//! A delivery of the list; what it shows changes as the delivery does, its box and its button stay.

use leptos::prelude::*;

use super::replay::{Replays, why_not};
use crate::components::badge;
use crate::components::icon::{Icon, icon};
use crate::components::tip::tip;
use crate::components::when::When;
use crate::live::Row;
use crate::model::delivery::{Delivery, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::webhook::Direction;
use crate::place::use_place;
use crate::time;

/// See the [module](self).
#[component]
pub fn DeliveryRow(
    row: Row<DeliveryId, Delivery>,
    chosen: Memo<Option<DeliveryId>>,
    /// For who may replay.
    replays: Option<Replays>,
) -> impl IntoView {
    let place = use_place();
    let id = row.id;
    let flash = row.flash();
    let value = row.value;
    let selected = Memo::new(move |_| chosen.get() == Some(id));
    let event = value.with_untracked(|delivery| delivery.event.clone());
    let why_not = {
        let value = value.clone();
        Memo::new(move |_| value.with(why_not))
    };
    let pick = replays.map(|replays| {
        view! {
            <td class="pick">
                <input
                    type="checkbox"
                    aria-label=format!("Select {event}")
                    disabled=move || why_not.get().is_some()
                    title=why_not
                    prop:checked=move || replays.has(id)
                    on:change=move |change| replays.select([id], event_target_checked(&change))
                />
            </td>
        }
    });
    let replay =
        replays.map(|replays| view! { <td class="end">{move || replay_cell(id, why_not.get(), &event, replays)}</td> });
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
            <td data-label="Webhook"><span class="name" title=delivery.webhook_name.clone()>{delivery.webhook_name.clone()}</span></td>
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
    view! { <tr data-flash=flash class:chosen=selected>{pick}{cells}{replay}</tr> }
}

/// The button, or why there is none.
fn replay_cell(id: DeliveryId, why_not: Option<&'static str>, event: &str, replays: Replays) -> AnyView {
    if let Some(why_not) = why_not {
        let words = format!("no-replay-{id}");
        let explained = view! {
            <button type="button" class="bare hint" aria-label=format!("No replay of {event}") aria-describedby=words.clone()>
                "No replay"
            </button>
        };
        return tip(words, explained.into_any(), why_not.into_any());
    }
    view! {
        <button
            type="button"
            class="button small"
            aria-label=format!("Replay {event}")
            on:click=move |_| replays.one(id, Callback::new(|()| ()))
        >
            "Replay"
        </button>
    }
    .into_any()
}
