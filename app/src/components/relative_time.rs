//! A time relative to now, with the exact time as its tooltip. The browser starts with the time at
//! which the server rendered the page, so that both render the same text.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use leptos::prelude::*;

use super::dynamic::dynamic;
use super::hydration::{use_hydrated, use_hydrated_effect};
use crate::meta::meta;
use crate::model::live::RENDERED_AT_META;
use crate::time;

/// How often relative times are updated.
const REFRESH_MS: u32 = 10_000;
/// How often the time of a running timer is updated.
const TICK: Duration = Duration::from_secs(1);

/// When the server rendered the page. The server provides it to the app.
#[derive(Clone, Copy, Debug)]
pub struct RenderedAt(pub DateTime<Utc>);

/// The current time of the tab.
#[derive(Clone, Copy)]
struct CurrentTime {
    rendered_at: DateTime<Utc>,
    current: RwSignal<DateTime<Utc>>,
    /// How far the server's clock is ahead of the browser's.
    ahead: StoredValue<TimeDelta>,
}

impl CurrentTime {
    /// The estimated time on the server.
    fn read(self) -> DateTime<Utc> {
        let ahead = self.ahead.try_get_value().unwrap_or_default();
        browser_clock().map_or(self.rendered_at, |time| time + ahead)
    }
}

/// Provides the current time.
pub fn provide_current_time() {
    let rendered_at = use_context::<RenderedAt>().map(|at| at.0).or_else(rendered_at);
    let rendered_at = rendered_at.or_else(browser_clock).unwrap_or_default();
    let now =
        CurrentTime { rendered_at, current: RwSignal::new(rendered_at), ahead: StoredValue::new(TimeDelta::zero()) };
    provide_context(now);
    Effect::new(move |_| {
        // The page was rendered a moment ago, which shows the difference between both clocks.
        if let Some(requested_at) = page_requested_at() {
            now.ahead.set_value(rendered_at - requested_at);
        }
        let ticking = gloo_timers::callback::Interval::new(REFRESH_MS, move || now.current.set(now.read()));
        // It ticks as long as the tab is open.
        ticking.forget();
    });
}

fn rendered_at() -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(meta(RENDERED_AT_META)?.parse().ok()?)
}

fn browser_clock() -> Option<DateTime<Utc>> {
    millis(js_sys::Date::now())
}

fn millis(millis: f64) -> Option<DateTime<Utc>> {
    #[allow(clippy::cast_possible_truncation, reason = "whole milliseconds")]
    DateTime::from_timestamp_millis(millis as i64)
}

/// When the browser requested the page, by its own clock. Unlike `performance.timeOrigin`, it is right after the clock
/// was set.
fn page_requested_at() -> Option<DateTime<Utc>> {
    let age = window().performance()?.now();
    millis(js_sys::Date::now() - age)
}

/// The current time, to a few seconds. Until the calling component is hydrated, it is the time at
/// which the server rendered the page.
pub fn use_current_time() -> Signal<DateTime<Utc>> {
    let Some(now) = use_context::<CurrentTime>() else { return Signal::stored(DateTime::UNIX_EPOCH) };
    let hydrated = use_hydrated().get_untracked();
    let here = RwSignal::new(if hydrated { now.current.get_untracked() } else { now.rendered_at });
    use_hydrated_effect(move || here.set(now.current.get()));
    here.into()
}

/// The current time, to the second while `ticking`. Until the calling component is hydrated, it is the time at which the
/// server rendered the page.
pub fn use_ticking_time(ticking: Signal<bool>) -> Signal<DateTime<Utc>> {
    let Some(now) = use_context::<CurrentTime>() else { return Signal::stored(DateTime::UNIX_EPOCH) };
    let hydrated = use_hydrated().get_untracked();
    let here = RwSignal::new(if hydrated { now.read() } else { now.rendered_at });
    use_hydrated_effect(move || {
        if !ticking.get() {
            return;
        }
        here.set(now.read());
        let tick = move || {
            let _ = here.try_set(now.read());
        };
        if let Ok(interval) = set_interval_with_handle(tick, TICK) {
            on_cleanup(move || interval.clear());
        }
    });
    here.into()
}

/// A relative time. Set `due` for a future one.
#[component]
pub fn RelativeTime(time: DateTime<Utc>, #[prop(optional)] due: bool) -> impl IntoView {
    let clock = use_context::<CurrentTime>();
    let now = use_current_time();
    let text = move || {
        let now = now.get();
        // The clock ticks every few seconds, so a change that just arrived may be slightly in the
        // future.
        let ahead = !due && time > now && clock.is_some_and(|clock| now > clock.rendered_at);
        let now = if ahead { clock.map_or(now, CurrentTime::read) } else { now };
        if due { time::due(time, now) } else { time::humanized(time, now) }
    };
    view! {
        <time class="when" datetime=time.to_rfc3339() title=time::exact(time)>
            {dynamic(text)}
        </time>
    }
}

/// A relative time, or "Never".
#[component]
pub fn RelativeTimeOrNever(time: Option<DateTime<Utc>>) -> impl IntoView {
    match time {
        Some(time) => view! { <RelativeTime time/> }.into_any(),
        None => "Never".into_any(),
    }
}
