//! A row of the list. It updates live, except its checkbox and button.

use leptos::prelude::*;
use leptos::web_sys::{Element, MouseEvent};
use uuid::Uuid;
use wasm_bindgen::JsCast;

use super::replay::{ReplayState, replay_blocker};
use crate::components::badge;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::live_table::TableRow;
use crate::components::relative_time::RelativeTime;
use crate::components::tip::tip;
use crate::live::Row;
use crate::model::id::DeliveryId;
use crate::model::webhook::Direction;
use crate::time;
use crate::url_state::use_url_state;

#[component]
pub fn DeliveryRow(
    row: Row<Uuid, TableRow>,
    chosen: Memo<Option<DeliveryId>>,
    /// `None` if the caller may not replay.
    replay_state: Option<ReplayState>,
) -> impl IntoView {
    let url_state = use_url_state();
    let id = DeliveryId(row.id);
    let flash = row.flash();
    let value = row.value;
    let selected = Memo::new(move |_| chosen.get() == Some(id));
    let event = value.with_untracked(|row| row.delivery().map(|delivery| delivery.event.clone())).unwrap_or_default();
    let replay_blocker = {
        let value = value.clone();
        Memo::new(move |_| value.with(|row| row.delivery().and_then(replay_blocker)))
    };
    let pick = replay_state.map(|replay_state| {
        view! {
            <td class="pick">
                <input
                    type="checkbox"
                    aria-label=format!("Select {event}")
                    disabled=dynamic_value(move || replay_blocker.get().is_some())
                    title=replay_blocker
                    prop:checked=dynamic_value(move || replay_state.has(id))
                    on:change=move |change| replay_state.select([id], event_target_checked(&change))
                />
            </td>
        }
    });
    let replay = replay_state.map(
        |replay_state| view! { <td class="actions-cell">{dynamic(move || replay_cell(id, replay_blocker.get(), &event, replay_state))}</td> },
    );
    let cells = move || {
        let TableRow::Delivery(delivery) = value.get() else { return ().into_any() };
        let href = move || url_state.with(&[("delivery", Some(&id.to_string()))]);
        let direction = direction_label(delivery.direction);
        let direction_icon = match delivery.direction {
            Direction::Inbound => Icon::Inbound,
            Direction::Outbound => Icon::Outbound,
        };
        // Without a subject, only the event is shown.
        let title = delivery.subject.clone().unwrap_or_else(|| delivery.event.clone());
        let status = badge::delivery_status(&delivery);
        let dash = || "–".to_owned();
        let attempts = match delivery.direction {
            Direction::Inbound => dash(),
            Direction::Outbound if delivery.is_summed_up() => dash(),
            Direction::Outbound => format!("{} of {}", delivery.attempt_count, delivery.max_attempts),
        };
        let next = delivery.status.is_queued().then_some(delivery.next_attempt_at).flatten();
        view! {
            <td class="primary-cell">
                <a class="event" dir="auto" href=dynamic_value(href) data-noscroll="" id=format!("row-{id}") title=title.clone()>{title.clone()}</a>
                <span class="event-type">
                    <code>{delivery.event.clone()}</code>
                    {delivery.test.then(|| view! { <span class="tag">"Test"</span> })}
                    {delivery.is_replay().then(|| view! { <span class="tag">"Replay"</span> })}
                    {delivery.digest_tag().map(|text| view! { <span class="tag">{text}</span> })}
                </span>
            </td>
            <td class="direction-cell">
                <span class="direction">
                    {icon(direction_icon)}
                    <span class="name" title=delivery.webhook_name.clone()>{direction}" "<bdi>{delivery.webhook_name.clone()}</bdi></span>
                </span>
            </td>
            <td class="status-cell">
                {status}
                {next.map(|time| view! { <span class="next">"Next "<RelativeTime time due=true/></span> })}
            </td>
            <td class="num response" data-label="Response">{delivery.status_code.map_or_else(dash, |code| code.to_string())}</td>
            <td class="num attempts" data-label="Attempts">{attempts}</td>
            <td class="num duration" data-label="Duration">{delivery.duration_ms.map_or_else(dash, time::duration)}</td>
            <td class="time-cell"><RelativeTime time=delivery.created_at/></td>
        }
        .into_any()
    };
    // The link in the row is for the keyboard. A click on the rest of the row does the same.
    let open = move |click: MouseEvent| {
        if !is_on_control(&click) && !is_text_selected() {
            url_state.change(&[("delivery", Some(&id.to_string()))]);
        }
    };
    view! { <tr data-flash=flash class="clickable" class:selected=selected on:click=open>{pick}{dynamic(cells)}{replay}</tr> }
}

/// The name of the webhook follows.
pub const fn direction_label(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Received from",
        Direction::Outbound => "Sent to",
    }
}

/// Whether a click is meant for a control within the row.
fn is_on_control(click: &MouseEvent) -> bool {
    let target = click.target().and_then(|target| target.dyn_into::<Element>().ok());
    target
        .is_some_and(|target| target.closest("a, button, input, label, .pick, [role=tooltip]").ok().flatten().is_some())
}

/// Whether the user has selected text.
fn is_text_selected() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

/// The button, or the reason why there is none.
fn replay_cell(
    id: DeliveryId,
    replay_blocker: Option<&'static str>,
    event: &str,
    replay_state: ReplayState,
) -> AnyView {
    if let Some(replay_blocker) = replay_blocker {
        let words = format!("no-replay-{id}");
        let explained = view! {
            <button type="button" class="unstyled hint" aria-label=format!("No replay of {event}") aria-describedby=words.clone()>
                "No replay"
            </button>
        };
        return tip(words, explained.into_any(), replay_blocker.into_any());
    }
    view! {
        <button
            type="button"
            class="button small"
            aria-label=format!("Replay {event}")
            on:click=move |_| replay_state.replay_one(id, Callback::new(|()| ()))
        >
            "Replay"
        </button>
    }
    .into_any()
}
