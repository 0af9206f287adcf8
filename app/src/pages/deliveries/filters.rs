//! The filters of the deliveries.

use leptos::prelude::*;

use super::digest_chip::digest_chip;
use super::instant;
use super::webhook_choices::webhook_choices;
use crate::api;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::filters::{TypedFilter, typed_filter};
use crate::components::hydration::use_hydrated_effect;
use crate::components::icon::{Icon, icon};
use crate::custom_events::api::custom_event_types;
use crate::local_time;
use crate::model::catalog::EventType;
use crate::model::delivery::{DeliveryQuery, DeliveryStatus, TEST_EVENT};
use crate::model::digest::DIGEST_EVENT;
use crate::model::id::ProjectId;
use crate::model::page::{MAX_LIMIT, PageQuery};
use crate::model::webhook::Direction;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

/// The URL parameters of the filters.
const FILTERS: [&str; 9] = ["search", "status", "code", "direction", "webhook", "event", "digest", "since", "until"];
const TIME_ID: &str = "time-filter";

/// A search, selects for status, direction, webhook and event, the status code, and a range of times. Without JavaScript it is
/// a form with a button.
#[component]
pub fn Filters(query: Memo<DeliveryQuery>, project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let all_webhooks = PageQuery { limit: Some(MAX_LIMIT), cursor: None };
    let webhooks = PageResource::new(
        || (),
        move |()| {
            let all = || all_webhooks.clone();
            let (active, deleted) =
                (api::webhooks::list_webhooks(project, all()), api::deliveries::deleted_webhooks(project, all()));
            async move { webhook_choices(active.await, deleted.await) }
        },
    );
    let custom_types =
        PageResource::new(|| (), move |()| async move { custom_event_types(project).await.unwrap_or_default() });
    let any = move || FILTERS.iter().any(|name| url_state.param(name).is_some());
    let clear = move || {
        let none: Vec<_> = FILTERS.iter().chain(&["cursor", "delivery"]).map(|name| (*name, None)).collect();
        url_state.with(&none)
    };
    let statuses = DeliveryStatus::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned()));
    let directions = Direction::ALL.iter().map(|it| (it.as_str().to_owned(), it.label().to_owned()));
    view! {
        <form
            class="filters scrolling"
            role="search"
            aria-label="Filter deliveries"
            method="get"
            on:submit=move |event| event.prevent_default()
        >
            <input type="hidden" name="tab" value="deliveries"/>
            {typed_filter(&SEARCH)}
            {digest_chip()}
            <Choice name="status" label="Status" options=statuses.collect()/>
            {typed_filter(&CODE)}
            <Choice name="direction" label="Direction" options=directions.collect()/>
            <Transition fallback=|| view! { <span class="chip">"Webhook"{icon(Icon::ChevronDown)}</span> }>
                {awaited(move || async move {
                    view! { <Choice name="webhook" label="Webhook" options=webhooks.await/> }
                })}
            </Transition>
            <Transition fallback=|| view! { <span class="chip">"Event"{icon(Icon::ChevronDown)}</span> }>
                {awaited(move || async move {
                    let options = events(custom_types.await, query.get_untracked().event);
                    view! { <Choice name="event" label="Event" options/> }
                })}
            </Transition>
            <TimeRange/>
            {dynamic(move || any().then(|| view! { <a class="button quiet small" href=clear() data-noscroll="">{icon(Icon::Cross)}"Reset"</a> }))}
            <button type="submit" class="button small without-script">"Apply filters"</button>
        </form>
    }
}

const SEARCH: TypedFilter = TypedFilter {
    param: "search",
    label: "Search subject or ID",
    placeholder: "Subject or ID",
    hint: "Words of the subject, an event ID (webhook-id) or a delivery ID. Covers the newest 100,000 deliveries.",
    class: "search-field",
    is_number: false,
};
const CODE: TypedFilter = TypedFilter {
    param: "code",
    label: "Status code of the response",
    placeholder: "Code",
    hint: "Status code of the latest response, e.g. 503. Covers the newest 100,000 deliveries.",
    class: "search-field code-filter",
    is_number: true,
};

/// The events of the catalog, the registered custom ones, and another event in the current filter: a tracker's, or a
/// custom one that isn't registered.
fn events(custom: Vec<EventType>, current: Option<String>) -> Vec<(String, String)> {
    let known: Vec<_> = EventType::ALL.iter().chain(&custom).map(EventType::to_string).collect();
    let foreign =
        current.filter(|event| ![TEST_EVENT, DIGEST_EVENT].contains(&event.as_str()) && !known.contains(event));
    known
        .into_iter()
        .chain([TEST_EVENT, DIGEST_EVENT].map(str::to_owned))
        .chain(foreign)
        .map(|name| (name.clone(), name))
        .collect()
}

/// A select that changes the URL. It is invisible and covers a text of its value, because a select is as wide as
/// its longest option.
#[component]
fn Choice(name: &'static str, label: &'static str, options: Vec<(String, String)>) -> impl IntoView {
    let url_state = use_url_state();
    let current = Memo::new(move |_| url_state.param(name).unwrap_or_default());
    let choices = options
        .iter()
        .map(|(value, text)| {
            let selected = *value == current.get_untracked();
            view! { <option value=value.clone() selected=selected>{text.clone()}</option> }
        })
        .collect_view();
    let current_text = Memo::new(move |_| {
        let current = Some(current.get()).filter(|current| !current.is_empty())?;
        let known = options.iter().find(|(value, _)| *value == current);
        Some(known.map_or(current, |(_, text)| text.clone()))
    });
    view! {
        <span class="chip choice-filter" class:on=dynamic_value(move || current_text.get().is_some())>
            <span class="value" aria-hidden="true">{chip_text(label, current_text.into())}</span>
            <select
                name=name
                aria-label=label
                prop:value=current
                on:change=move |event| {
                    let value = event_target_value(&event);
                    url_state.change(&[(name, Some(&value)), ("cursor", None), ("delivery", None)]);
                }
            >
                <option value="">{format!("{label}: All")}</option>
                {choices}
            </select>
            {icon(Icon::ChevronDown)}
        </span>
    }
}

/// `Status`, `Status: Held`.
fn chip_text(label: &'static str, value: Signal<Option<String>>) -> impl IntoView {
    let value = move || value.get().map(|value| view! { ": "<b>{value}</b> });
    view! { {label}{value} }
}

/// The button shows the selected times; the fields are in its popover.
#[component]
fn TimeRange() -> impl IntoView {
    let url_state = use_url_state();
    // The server doesn't know the zone, and the page starts as the server rendered it.
    let local = RwSignal::new(false);
    use_hydrated_effect(move || local.set(true));
    let text = Memo::new(move |_| {
        let part = |name: &'static str, label: &str| {
            let time = instant(url_state, name)?;
            Some(format!("{label} {}", local_time::field_value(time, local.get()).replace('T', " ")))
        };
        let parts: Vec<_> = [part("since", "from"), part("until", "until")].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    view! {
        <button type="button" class="chip" class:on=dynamic_value(move || text.get().is_some()) popovertarget=TIME_ID>
            <span>{chip_text("Time", text.into())}</span>{icon(Icon::ChevronDown)}
        </button>
        <div id=TIME_ID popover="auto" class="popover time-filter" role="group" aria-label="Time">
            <DateField name="since" label="From" local/>
            <DateField name="until" label="Until" local/>
            <button type="button" class="button small" popovertarget=TIME_ID popovertargetaction="hide">"Done"</button>
        </div>
    }
}

/// A date field that changes the URL. The field is in the user's time zone, the URL in UTC, so that
/// a shared link means the same everywhere.
#[component]
fn DateField(name: &'static str, label: &'static str, local: RwSignal<bool>) -> impl IntoView {
    let url_state = use_url_state();
    let time = Memo::new(move |_| instant(url_state, name));
    let current =
        Memo::new(move |_| time.get().map_or_else(String::new, |time| local_time::field_value(time, local.get())));
    // The offset at the selected date, because of daylight saving time.
    let zone = move || if local.get() { local_time::zone(time.get()) } else { "UTC".to_owned() };
    view! {
        <label class="field">
            <span>{label}" "<span class="hint">{zone}</span></span>
            <input
                type="datetime-local"
                name=name
                aria-label=dynamic_value(move || format!("{label}, in {}", zone()))
                value=current.get_untracked()
                prop:value=current
                on:change=move |event| {
                    let value = local_time::instant(&event_target_value(&event));
                    url_state.change(&[(name, value.as_deref()), ("cursor", None), ("delivery", None)]);
                }
            />
        </label>
    }
}
