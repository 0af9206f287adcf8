//! The attempts of a delivery as tabs, with the waits between them, and the exchange of the
//! selected one. The latest attempt is selected until the user selects another one.

use chrono::TimeDelta;
use leptos::prelude::*;

use super::exchange::{exchange, own_destination, status_line};
use super::exchange_view::{exchange_view, next_request};
use crate::components::dynamic::dynamic;
use crate::components::icon::{Icon, icon};
use crate::components::tab_list::TabList;
use crate::model::delivery::{Attempt, DeliveryPage, DeliveryStatus};
use crate::time;

/// A tab of the list.
#[derive(Clone, PartialEq)]
struct AttemptTab {
    attempt: Attempt,
    /// The wait before it.
    gap: Option<String>,
    destination: Option<String>,
}

pub fn attempts(shown: RwSignal<DeliveryPage>) -> AnyView {
    let tabs = Memo::new(move |_| shown.with(attempt_tabs));
    let picked = RwSignal::new(None::<u32>);
    let selected = Memo::new(move |_| {
        tabs.with(|tabs| {
            let numbers = || tabs.iter().map(|tab| tab.attempt.number);
            picked
                .get()
                .filter(|picked| numbers().any(|number| number == *picked))
                .or(numbers().next_back())
                .unwrap_or(0)
        })
    });
    let list = TabList {
        id: "attempt",
        selected: selected.into(),
        select: Callback::new(move |number| picked.set(Some(number))),
        vertical: true,
    };
    let current = Memo::new(move |_| {
        shown.with(|detail| {
            let attempt = detail.attempts.iter().find(|attempt| attempt.number == selected.get());
            exchange(detail, attempt)
        })
    });
    let part = RwSignal::new(0);
    let attempted = Memo::new(move |_| tabs.with(|tabs| !tabs.is_empty()));
    let content = move || {
        if !attempted.get() {
            return view! { <p class="hint">{dynamic(move || shown.with(no_attempts))}</p>{dynamic(move || next_request(current.get()))} }.into_any();
        }
        let rows = view! {
            <For each=move || tabs.get() key=|tab| (tab.attempt.number, tab.destination.clone()) let:tab>{attempt_tab(list, tab)}</For>
        };
        let exchange = move || exchange_view(current.get(), part);
        view! {
            {list.list("Attempts", "attempts", rows.into_any())}
            {list.panel(exchange.into_any())}
        }
        .into_any()
    };
    view! { <section><h3>"Attempts"</h3>{content}</section> }.into_any()
}

fn no_attempts(detail: &DeliveryPage) -> &'static str {
    match detail.delivery.status {
        DeliveryStatus::Held => "Held until the webhook is enabled and active, no attempts yet",
        DeliveryStatus::Pending => "No attempts yet",
        _ => "No attempts",
    }
}

fn attempt_tabs(detail: &DeliveryPage) -> Vec<AttemptTab> {
    let mut previous: Option<&Attempt> = None;
    let tab = |attempt| AttemptTab {
        gap: previous.replace(attempt).map(|before| wait(before, attempt)),
        destination: own_destination(detail, attempt),
        attempt: attempt.clone(),
    };
    detail.attempts.iter().map(tab).collect()
}

/// The time from the end of an attempt to the start of the next one.
fn wait(before: &Attempt, attempt: &Attempt) -> String {
    let ended = before.started_at + TimeDelta::milliseconds(before.duration_ms.into());
    let seconds = (attempt.started_at - ended).num_seconds().max(0);
    time::duration_text(u32::try_from(seconds).unwrap_or(u32::MAX))
}

fn attempt_tab(list: TabList, tab: AttemptTab) -> AnyView {
    let AttemptTab { attempt, gap, destination } = tab;
    let (class, symbol) = if attempt.error.is_some() { ("bad", Icon::Cross) } else { ("ok", Icon::Check) };
    let content = view! {
        {icon(symbol)}
        <span>{format!("{}. {}", attempt.number, outcome(&attempt))}</span>
        <span class="time" title=time::exact(attempt.started_at)>
            {format!("{} · {}", time::duration(attempt.duration_ms), time::clock(attempt.started_at))}
        </span>
        {destination.map(|destination| view! { <span class="destination mono">{destination}</span> })}
    };
    view! {
        {gap.map(|gap| view! { <div class="gap" aria-hidden="true">{gap}</div> })}
        {list.tab(attempt.number, class, content.into_any())}
    }
    .into_any()
}

fn outcome(attempt: &Attempt) -> String {
    match (attempt.status_code, &attempt.error) {
        // An error with the status code adds nothing to the status line.
        (Some(code), Some(error)) if !error.contains(&code.to_string()) => format!("{}: {error}", status_line(code)),
        (Some(code), _) => status_line(code),
        (None, Some(error)) => error.clone(),
        (None, None) => "No response".to_owned(),
    }
}
