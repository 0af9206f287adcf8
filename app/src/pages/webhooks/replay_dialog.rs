//! Replays what a webhook failed to deliver or missed in a range of time: counts first, then starts.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::context::use_webhooks_page;
use super::links::webhook_path;
use crate::api::range_replays::{count_replay, start_replay};
use crate::components::async_action::AsyncAction;
use crate::components::dialog::Dialog;
use crate::components::dynamic::{ShowWhen, dynamic, dynamic_value};
use crate::components::failure::FormError;
use crate::components::number::counted as count_text;
use crate::components::toast::use_toasts;
use crate::error::Error;
use crate::local_time;
use crate::model::range_replay::{ReplayCount, ReplaySource};
use crate::url_state::use_url_state;

/// The selected range of time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Period {
    /// It ends now.
    Hours(u32),
    /// Its begin and end are entered.
    Custom,
}

const PERIODS: [(Period, &str); 5] = [
    (Period::Hours(1), "Last hour"),
    (Period::Hours(24), "Last 24 hours"),
    (Period::Hours(7 * 24), "Last 7 days"),
    (Period::Hours(30 * 24), "Last 30 days"),
    (Period::Custom, "Custom"),
];

/// What is selected.
#[derive(Clone, Copy)]
struct Fields {
    source: RwSignal<ReplaySource>,
    period: RwSignal<Period>,
    since: RwSignal<String>,
    until: RwSignal<String>,
    /// Belongs to the current selection.
    counted: RwSignal<Option<ReplayCount>>,
}

#[component]
pub fn ReplayDialog() -> impl IntoView {
    let (context, toasts, url_state) = (use_webhooks_page(), use_toasts(), use_url_state());
    let replaying = context.replaying;
    let fields = Fields {
        source: RwSignal::new(ReplaySource::Failed),
        period: RwSignal::new(Period::Hours(24)),
        since: RwSignal::new(String::new()),
        until: RwSignal::new(String::new()),
        counted: RwSignal::new(None),
    };
    let action = AsyncAction::new();
    // The selection of the last webhook may not fit the next one.
    Effect::new(move |_| {
        if let Some(source) = replaying.with(|request| request.as_ref().map(|(_, source)| *source)) {
            fields.source.set(source);
            fields.period.set(Period::Hours(24));
            fields.since.set(String::new());
            fields.until.set(String::new());
            fields.counted.set(None);
            action.forget();
        }
    });
    let startable = Memo::new(move |_| {
        fields.counted.get().filter(|counted| !counted.capped && (counted.count > 0 || counted.at_least))
    });
    let submit = move |_| {
        let Some((webhook, _)) = replaying.get_untracked() else { return };
        let (id, source) = (webhook.id, fields.source.get_untracked());
        let Some(counted) = startable.get_untracked() else {
            action.start(async move {
                let (since, until) = range(fields)?;
                let found = count_replay(id, source, since, until).await?;
                let _ = fields.counted.try_set(Some(found));
                Ok(())
            });
            return;
        };
        action.start(async move {
            start_replay(id, source, counted.since, counted.until).await?;
            let _ = replaying.try_set(None);
            toasts.done("Replay started");
            // Its page shows the progress.
            url_state.go(webhook_path(&webhook));
            Ok(())
        });
    };
    let label = move || match startable.get() {
        Some(ReplayCount { at_least: true, .. }) => "Replay all".to_owned(),
        Some(counted) => format!("Replay {}", count_text(counted.count, "delivery", "deliveries")),
        None => "Count deliveries".to_owned(),
    };
    view! {
        <Dialog
            open=Signal::derive(move || replaying.with(Option::is_some))
            title="Replay by time range"
            on_close=move |()| replaying.set(None)
        >
            {selection(fields)}
            <p class="hint" role="status">{dynamic(move || fields.counted.get().map(|counted| result(counted, fields.source.get())))}</p>
            <FormError error=action.error()/>
            <div class="actions">
                <button type="button" class="button" on:click=move |_| replaying.set(None)>"Cancel"</button>
                <button
                    type="button"
                    class="button primary"
                    aria-busy=dynamic_value(move || action.pending().get().to_string())
                    disabled=action.pending()
                    on:click=submit
                >
                    {dynamic(label)}
                </button>
            </div>
        </Dialog>
    }
}

fn selection(fields: Fields) -> AnyView {
    let Fields { source, period, since, until, counted } = fields;
    let source_choice = move |which: ReplaySource, hint: &'static str| {
        let select = move |_| {
            source.set(which);
            counted.set(None);
        };
        view! {
            <label class="choice">
                <input type="radio" name="replay_source" prop:checked=dynamic_value(move || source.get() == which) on:change=select/>
                <span>{which.label()}<span class="hint">{hint}</span></span>
            </label>
        }
    };
    let period_choice = move |(which, label): (Period, &'static str)| {
        let select = move |_| {
            period.set(which);
            counted.set(None);
        };
        view! {
            <label class="choice">
                <input type="radio" name="replay_period" prop:checked=dynamic_value(move || period.get() == which) on:change=select/>
                <span>{label}</span>
            </label>
        }
    };
    let time_field = move |name: &'static str, label: &'static str, value: RwSignal<String>| {
        let change = move |event| {
            value.set(event_target_value(&event));
            counted.set(None);
        };
        view! {
            <label class="field">
                <span>{label}" "<span class="hint">{local_time::zone(None)}</span></span>
                <input type="datetime-local" name=name prop:value=value on:input=change/>
            </label>
        }
    };
    view! {
        <fieldset class="choices stacked">
            <legend>"What to send"</legend>
            {source_choice(ReplaySource::Failed, "Deliveries that are exhausted or were cancelled after a failed attempt, and whose event has not been delivered since.")}
            {source_choice(ReplaySource::Missed, "Events that match its subscriptions and were not delivered to it, e.g. while it was inactive or didn't exist. Includes deliveries that were cancelled before an attempt.")}
        </fieldset>
        <fieldset class="choices">
            <legend>"Time range"</legend>
            {PERIODS.map(period_choice).into_iter().collect_view()}
        </fieldset>
        <ShowWhen when=Signal::derive(move || period.get() == Period::Custom)>
            <div class="replay-times">{time_field("replay_since", "From", since)}{time_field("replay_until", "Until", until)}</div>
        </ShowWhen>
    }
    .into_any()
}

/// The start time, and the end unless it is now.
fn range(fields: Fields) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), Error> {
    let time = |text: String| local_time::instant(&text).and_then(|time| time.parse().ok());
    let range = match fields.period.get_untracked() {
        Period::Hours(hours) => local_time::hours_ago(hours).map(|since| (since, None)),
        Period::Custom => time(fields.since.get_untracked()).map(|since| (since, time(fields.until.get_untracked()))),
    };
    range.ok_or_else(|| Error::invalid("Enter a start time."))
}

fn result(counted: ReplayCount, source: ReplaySource) -> String {
    if counted.at_least && !counted.capped {
        if counted.count == 0 {
            return "None among the first 20,000 events. The replay checks the rest.".to_owned();
        }
        return format!(
            "At least {}. The range is too long to count all of it.",
            count_text(counted.count, "delivery", "deliveries")
        );
    }
    match (counted.capped, counted.count, source) {
        (true, ..) => "The range has too many events. Select a shorter one.".to_owned(),
        (false, 0, _) => "Nothing to replay in this range.".to_owned(),
        (false, count, ReplaySource::Failed) => {
            format!("{}. Each event keeps its ID.", count_text(count, "failed delivery", "failed deliveries"))
        }
        (false, count, ReplaySource::Missed) => {
            format!("{}. Each event keeps its ID.", count_text(count, "missed event", "missed events"))
        }
    }
}
