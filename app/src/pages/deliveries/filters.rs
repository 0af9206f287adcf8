//! The filters of the deliveries.

use leptos::prelude::*;

use super::instant;
use super::webhook_choices::webhook_choices;
use crate::api;
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::{Icon, icon};
use crate::local_time;
use crate::model::catalog::EventType;
use crate::model::delivery::{DeliveryQuery, DeliveryStatus, TEST_EVENT};
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::webhook::Direction;
use crate::url_state::use_url_state;

/// The parameters of the address that filter.
const FILTERS: [&str; 6] = ["status", "direction", "webhook", "event", "since", "until"];
/// Those that stand behind a button where there is little room.
const MORE: &[&str] = FILTERS.split_at(1).1;
const MORE_ID: &str = "more-filters";

/// Chips for the status, a choice each for direction, webhook and event, and a range of times. All
/// but the chips are a popover where there is little room.
#[component]
pub fn Filters(query: Memo<DeliveryQuery>, project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let all_webhooks = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
    let webhooks = Resource::new(
        || (),
        move |()| {
            let all = || all_webhooks.clone();
            let (living, deleted) =
                (api::webhooks::list_webhooks(project, all()), api::deliveries::deleted_webhooks(project, all()));
            async move { webhook_choices(living.await, deleted.await) }
        },
    );
    let chip = move |status: Option<DeliveryStatus>, text: &'static str| {
        let href = move || {
            url_state.with(&[("status", status.map(DeliveryStatus::as_str)), ("cursor", None), ("delivery", None)])
        };
        let current = move || (query.get().status == status).then_some("true");
        view! { <a class="chip" href=href aria-current=current data-noscroll="">{text}</a> }
    };
    let statuses = DeliveryStatus::ALL.iter().copied();
    let directions = Direction::ALL.iter().map(|way| (way.as_str().to_owned(), way.label().to_owned())).collect();
    let any = move || FILTERS.iter().any(|name| url_state.param(name).is_some());
    let more = move || match MORE.iter().filter(|name| url_state.param(name).is_some()).count() {
        0 => "Filters".to_owned(),
        count => format!("Filters ({count})"),
    };
    let clear = move || {
        let none: Vec<_> = FILTERS.iter().chain(&["cursor", "delivery"]).map(|name| (*name, None)).collect();
        url_state.with(&none)
    };
    view! {
        <div class="filters" role="group" aria-label="Filters">
            <nav class="chips" aria-label="Status">
                {chip(None, "All")}
                {statuses.map(|status| chip(Some(status), status.label())).collect_view()}
            </nav>
            <button type="button" class="chip show-more" class:on=move || more() != "Filters" popovertarget=MORE_ID>{more}</button>
            <div id=MORE_ID popover="auto" class="more" role="group" aria-label="More filters">
                <Choice name="direction" every="All directions" options=directions/>
                <Transition>
                    {move || Suspend::new(async move {
                        view! { <Choice name="webhook" every="All webhooks" options=webhooks.await/> }
                    })}
                </Transition>
                <Choice name="event" every="All events" options=events(query.get_untracked().event)/>
                <DateField name="since" label="From"/>
                <DateField name="until" label="Until"/>
                <button type="button" class="button small done" popovertarget=MORE_ID popovertargetaction="hide">"Done"</button>
            </div>
            {move || any().then(|| view! { <a class="button quiet small" href=clear() data-noscroll="">{icon(Icon::Cross)}"Reset"</a> })}
        </div>
    }
}

/// The events of the catalogue, and the tracker's event that is asked for.
fn events(asked: Option<String>) -> Vec<(String, String)> {
    let known = EventType::ALL.iter().map(|event| event.as_str().to_owned());
    let foreign = asked.filter(|event| event.parse::<EventType>().is_err());
    known.chain([TEST_EVENT.to_owned()]).chain(foreign).map(|name| (name.clone(), name)).collect()
}

/// A choice that changes the address.
#[component]
fn Choice(name: &'static str, every: &'static str, options: Vec<(String, String)>) -> impl IntoView {
    let url_state = use_url_state();
    let current = Memo::new(move |_| url_state.param(name).unwrap_or_default());
    let options = options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == current.get_untracked();
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <select
            class="chip"
            class:on=move || !current.get().is_empty()
            aria-label=every
            prop:value=current
            on:change=move |event| {
                let value = event_target_value(&event);
                url_state.change(&[(name, Some(&value)), ("cursor", None), ("delivery", None)]);
            }
        >
            <option value="">{every}</option>
            {options}
        </select>
    }
}

/// A date that changes the address. The field is in the reader's time zone, the address in UTC, so
/// that a shared link means the same everywhere.
#[component]
fn DateField(name: &'static str, label: &'static str) -> impl IntoView {
    let url_state = use_url_state();
    // The server does not know the zone, and the page starts as the server rendered it.
    let local = RwSignal::new(false);
    use_hydrated_effect(move || local.set(true));
    let time = Memo::new(move |_| instant(url_state, name));
    let current =
        Memo::new(move |_| time.get().map_or_else(String::new, |time| local_time::field_value(time, local.get())));
    // Daylight saving time: the offset is the one of the chosen date.
    let zone = move || if local.get() { local_time::zone(time.get()) } else { "UTC".to_owned() };
    view! {
        <label class="chip datetime-filter" class:on=move || !current.get().is_empty()>
            {label}
            <input
                type="datetime-local"
                aria-label=move || format!("{label}, in {}", zone())
                value=current.get_untracked()
                prop:value=current
                on:change=move |event| {
                    let value = local_time::instant(&event_target_value(&event));
                    url_state.change(&[(name, value.as_deref()), ("cursor", None), ("delivery", None)]);
                }
            />
            <span class="zone">{zone}</span>
        </label>
    }
}
