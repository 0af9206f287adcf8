//! The latest replays by time range of a webhook, with their progress.

use leptos::prelude::*;

use crate::api::range_replays::stop_replay;
use crate::components::async_action::AsyncAction;
use crate::components::badge::{Tone, badge};
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::hydration::use_hydrated;
use crate::components::number::{grouped, percentage};
use crate::components::relative_time::RelativeTime;
use crate::model::range_replay::{RangeReplay, RangeReplayStatus};
use crate::time;

/// The number of replays on the page.
pub const LATEST_REPLAYS: u32 = 3;

/// `stoppable` for admins.
pub fn replays(shown: RwSignal<Vec<RangeReplay>>, stoppable: bool) -> AnyView {
    let (stop, hydrated) = (AsyncAction::new(), use_hydrated());
    let stop_button = move |replay: &RangeReplay| {
        let id = replay.id;
        let click = move |_| {
            stop.start(async move {
                let stopped = stop_replay(id).await?;
                let _ = shown.try_update(|shown| {
                    if let Some(row) = shown.iter_mut().find(|row| row.id == id) {
                        *row = stopped;
                    }
                });
                Ok(())
            });
        };
        (stoppable && replay.status.can_be_stopped()).then(|| {
            view! {
                <button
                    type="button"
                    class="button small needs-hydration"
                    aria-busy=dynamic_value(move || stop.pending().get().to_string())
                    disabled=dynamic_value(move || !hydrated.get())
                    on:click=click
                >
                    "Stop"
                </button>
            }
        })
    };
    let row = move |replay: &RangeReplay| {
        let range = format!("{} – {}", time::absolute(replay.since), time::absolute(replay.until));
        view! {
            <li>
                <div class="row">
                    <b>{replay.source.label()}</b>{status_badge(replay.status)}
                    <span class="grow"></span>
                    {stop_button(replay)}
                </div>
                <p class="hint">{range}", started by "<bdi>{replay.requested_by.clone()}</bdi>" "<RelativeTime time=replay.requested_at/></p>
                {progress(replay)}
            </li>
        }
    };
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let section = move || {
        (!is_empty.get()).then(|| {
            view! {
                <section class="card replays" aria-labelledby="replays">
                    <header><h2 id="replays">"Replays"</h2></header>
                    <ul>{dynamic(move || shown.with(|shown| shown.iter().map(row).collect_view()))}</ul>
                    <FormError error=stop.error()/>
                </section>
            }
        })
    };
    dynamic(section).into_any()
}

fn status_badge(status: RangeReplayStatus) -> AnyView {
    let tone = match status {
        RangeReplayStatus::Running | RangeReplayStatus::Stopping | RangeReplayStatus::Stopped => Tone::Idle,
        RangeReplayStatus::Waiting => Tone::Warn,
        RangeReplayStatus::Completed => Tone::Ok,
    };
    badge(tone, status.label().to_owned()).into_any()
}

/// A bar by result, and the same as text.
fn progress(replay: &RangeReplay) -> AnyView {
    let processed = replay.queued.saturating_add(replay.skipped);
    let total = replay.total.max(processed).max(1);
    let mut start = 0_u32;
    let parts = [
        ("passed", replay.delivered),
        ("failed", replay.exhausted),
        ("blocked", replay.waiting),
        ("skipped", replay.cancelled.saturating_add(replay.skipped)),
    ];
    let bars = parts.map(|(class, count)| {
        let from = start;
        start = start.saturating_add(count);
        view! { <rect class=class x=percentage(from, total) width=percentage(count, total) height="8"/> }
    });
    let (label, now, max) = (replay.source.label(), processed.to_string(), total.to_string());
    view! {
        <span class="progress">
            <span role="progressbar" aria-label=label aria-valuemin="0" aria-valuenow=now aria-valuemax=max>
                <svg aria-hidden="true">{bars.into_iter().collect_view()}</svg>
            </span>
            <span>{summary(replay)}</span>
        </span>
    }
    .into_any()
}

/// `120 of 500 queued: 100 delivered, 20 waiting`.
fn summary(replay: &RangeReplay) -> String {
    let parts = [
        (replay.delivered, "delivered"),
        (replay.exhausted, "exhausted"),
        (replay.waiting, "waiting"),
        (replay.cancelled, "cancelled"),
        (replay.skipped, "skipped"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(*count)))
        .collect();
    let least = if replay.total_at_least && replay.status.is_open() { "at least " } else { "" };
    let total = if replay.total_at_least { replay.total.max(replay.queued) } else { replay.total };
    let queued = format!("{} of {least}{} queued", grouped(replay.queued), grouped(total));
    if parts.is_empty() { queued } else { format!("{queued}: {}", parts.join(", ")) }
}
