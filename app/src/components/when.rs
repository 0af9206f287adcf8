//! A moment: the server writes it out, the browser humanises it and keeps it fresh. The exact time
//! is its title.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::ready::once_ready;
use crate::time;

/// How often what is shown is brought up to date.
const REFRESH_MS: u32 = 10_000;

#[derive(Clone, Copy)]
struct Now(RwSignal<Option<DateTime<Utc>>>);

/// Starts the one clock of the tab. Until it runs, times are absolute, as the server wrote them.
pub fn provide_now() {
    let now = RwSignal::new(None);
    provide_context(Now(now));
    Effect::new(move |_| {
        now.set(read_clock());
        let ticking = gloo_timers::callback::Interval::new(REFRESH_MS, move || now.set(read_clock()));
        // It ticks for as long as the tab lives.
        ticking.forget();
    });
}

fn read_clock() -> Option<DateTime<Utc>> {
    #[allow(clippy::cast_possible_truncation, reason = "whole milliseconds")]
    DateTime::from_timestamp_millis(js_sys::Date::now() as i64)
}

/// What time it is, to a few seconds; nothing until the browser has taken over what asks. What the
/// server awaited is taken over later than the page: it must find what the server wrote.
pub fn use_now() -> Signal<Option<DateTime<Utc>>> {
    let Some(now) = use_context::<Now>() else { return Signal::stored(None) };
    let here = RwSignal::new(None);
    once_ready(move || here.set(now.0.get()));
    here.into()
}

/// A moment; with `due`, one that something waits for.
#[component]
pub fn When(time: DateTime<Utc>, #[prop(optional)] due: bool) -> impl IntoView {
    let now = use_now();
    let text = move || match now.get() {
        // A change that was just announced may be ahead of the last tick.
        Some(now) => {
            let now = if time > now { read_clock().unwrap_or(now) } else { now };
            if due { time::due(time, now) } else { time::humanised(time, now) }
        }
        None => time::absolute(time),
    };
    view! {
        <time class="when" datetime=time.to_rfc3339() title=time::exact(time)>
            {text}
        </time>
    }
}

/// A moment that may not have come yet.
#[component]
pub fn WhenOrNever(time: Option<DateTime<Utc>>) -> impl IntoView {
    match time {
        Some(time) => view! { <When time/> }.into_any(),
        None => "Never".into_any(),
    }
}
