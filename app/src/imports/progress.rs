//! The latest imports of a project, with their progress.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use super::api::read_import;
use super::{Import, ImportId, ImportStatus};
use crate::components::badge::{Tone, badge};
use crate::components::dynamic::dynamic;
use crate::components::number::{counted, grouped, percentage};
use crate::components::relative_time::RelativeTime;

/// How often the progress of a running import is read, in milliseconds.
const PROGRESS_INTERVAL_MS: u32 = 500;
/// After so many failed reads the page stops to ask.
const MAX_FAILED_READS: u32 = 20;

/// Reads the progress of an import until it ends, and then runs `ended`.
pub fn follow(id: ImportId, shown: RwSignal<Vec<Import>>, ended: Callback<Import>) {
    leptos::task::spawn_local(async move {
        let mut failed = 0;
        while failed < MAX_FAILED_READS {
            TimeoutFuture::new(PROGRESS_INTERVAL_MS).await;
            let Ok(import) = read_import(id).await else {
                failed += 1;
                continue;
            };
            failed = 0;
            let is_running = import.status == ImportStatus::Running;
            let now = import.clone();
            let update = move |shown: &mut Vec<Import>| {
                if let Some(row) = shown.iter_mut().find(|row| row.id == id) {
                    *row = now;
                }
            };
            // The user may have left the page.
            if shown.try_update(update).is_none() {
                return;
            }
            if !is_running {
                ended.run(import);
                return;
            }
        }
    });
}

/// The list; nothing if there is none.
pub fn latest(shown: RwSignal<Vec<Import>>) -> AnyView {
    let is_empty = Memo::new(move |_| shown.with(Vec::is_empty));
    let section = move || {
        (!is_empty.get()).then(|| {
            view! {
                <section class="card replays" aria-labelledby="latest-imports">
                    <header><h2 id="latest-imports">"Latest imports"</h2></header>
                    <ul>{dynamic(move || shown.with(|shown| shown.iter().map(item).collect_view()))}</ul>
                </section>
            }
        })
    };
    dynamic(section).into_any()
}

fn item(import: &Import) -> AnyView {
    let tone = match import.status {
        ImportStatus::Running => Tone::Idle,
        ImportStatus::Completed => Tone::Ok,
        ImportStatus::Failed | ImportStatus::Interrupted => Tone::Bad,
    };
    let name = if import.file_name.is_empty() { import.format.label().to_owned() } else { import.file_name.clone() };
    let error = import.error.clone().map(|error| view! { <p class="bad-text" dir="auto">{error}</p> });
    view! {
        <li>
            <div class="row"><b dir="auto">{name}</b>{badge(tone, import.status.label().to_owned()).into_any()}</div>
            <p class="hint">
                {import.format.label()}", started by "<bdi>{import.requested_by.clone()}</bdi>" "<RelativeTime time=import.requested_at/>
            </p>
            {bar(import)}
            {error}
        </li>
    }
    .into_any()
}

/// A bar, and the same as text.
fn bar(import: &Import) -> AnyView {
    let total = import.total.max(1);
    let width = percentage(import.done, total);
    let text = match import.status {
        ImportStatus::Completed => {
            let suites = counted(import.suites, "new suite", "new suites");
            format!("{} and {suites}", counted(import.total, "test case", "test cases"))
        }
        ImportStatus::Running => format!("{} of {} written", grouped(import.done), grouped(import.total)),
        ImportStatus::Failed | ImportStatus::Interrupted => "Nothing was imported".to_owned(),
    };
    view! {
        <span class="progress">
            <span role="progressbar" aria-label="Imported test cases" aria-valuemin="0" aria-valuenow=import.done.to_string() aria-valuemax=total.to_string()>
                <svg aria-hidden="true"><rect class="passed" x="0" width=width height="8"/></svg>
            </span>
            <span>{text}</span>
        </span>
    }
    .into_any()
}
