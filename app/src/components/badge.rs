//! Badges. Each has one of four tones, an icon and a word.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::model::delivery::{Delivery, DeliveryStatus, InboundOutcome};
use crate::model::issue::StatusKind;
use crate::model::webhook::Health;
use crate::testware::ci_job::CiJobStatus;
use crate::testware::execution::{Counts, ResultStatus, State};

/// The tone of a badge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Warn,
    Bad,
    Idle,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }
}

/// Renders a badge.
pub fn badge(tone: Tone, text: String) -> impl IntoView {
    let (class, symbol) = match tone {
        Tone::Ok => ("badge ok", Icon::Check),
        Tone::Warn => ("badge warn", Icon::Warning),
        Tone::Bad => ("badge bad", Icon::Cross),
        Tone::Idle => ("badge idle", Icon::Clock),
    };
    view! { <span class=class>{icon(symbol)}{text}</span> }
}

/// The health of a webhook; `None` if it was not used yet.
pub fn health(health: Option<Health>) -> impl IntoView {
    let (tone, symbol) = match health {
        None => (Tone::Idle, Icon::Clock),
        Some(Health::Healthy) => (Tone::Ok, Icon::Check),
        Some(Health::Degraded) => (Tone::Warn, Icon::Warning),
        Some(Health::Disabled) => (Tone::Bad, Icon::Off),
    };
    let class = format!("badge {}", tone.class());
    view! { <span class=class>{icon(symbol)}{health_label(health)}</span> }
}

/// The label of a [`health`] badge.
pub fn health_label(health: Option<Health>) -> &'static str {
    health.map_or("Not used yet", Health::label)
}

/// The label of an [`inactive`] webhook.
pub const INACTIVE: &str = "Inactive";

/// The badge of a webhook that was deactivated by hand, in place of its health.
pub fn inactive() -> impl IntoView {
    view! { <span class="badge idle">{icon(Icon::Pause)}{INACTIVE}</span> }
}

/// The label of a [`paused`] webhook.
pub const PAUSED: &str = "Paused";

/// The badge of a webhook that the pause of all webhooks stops, in place of its health.
pub fn paused() -> impl IntoView {
    view! { <span class="badge warn">{icon(Icon::Pause)}{PAUSED}</span> }
}

/// The status of a delivery.
pub fn delivery(delivery: &Delivery) -> impl IntoView + use<> {
    let (tone, symbol, text) = delivery_label(delivery);
    let class = format!("badge {}", tone.class());
    view! { <span class=class>{icon(symbol)}{text}</span> }
}

/// The status of a delivery for a table, without a fill.
pub fn delivery_status(delivery: &Delivery) -> impl IntoView + use<> {
    let (tone, symbol, text) = delivery_label(delivery);
    let class = format!("st {}", tone.class());
    view! { <span class=class>{icon(symbol)}{text}</span> }
}

/// The status of a delivery, if nothing else is known about it.
pub fn status(status: DeliveryStatus) -> impl IntoView {
    let (tone, symbol) = status_look(status);
    let class = format!("st {}", tone.class());
    view! { <span class=class>{icon(symbol)}{status.label()}</span> }
}

const fn status_look(status: DeliveryStatus) -> (Tone, Icon) {
    match status {
        DeliveryStatus::Delivered => (Tone::Ok, Icon::Check),
        DeliveryStatus::Exhausted | DeliveryStatus::Refused => (Tone::Bad, Icon::Cross),
        DeliveryStatus::Failed => (Tone::Warn, Icon::Clock),
        DeliveryStatus::Held => (Tone::Warn, Icon::Pause),
        DeliveryStatus::Pending => (Tone::Idle, Icon::Clock),
        DeliveryStatus::Cancelled => (Tone::Idle, Icon::Off),
    }
}

fn delivery_label(delivery: &Delivery) -> (Tone, Icon, &'static str) {
    let (tone, symbol) = status_look(delivery.status);
    match (delivery.status, delivery.outcome) {
        (DeliveryStatus::Delivered, Some(outcome)) => match outcome {
            InboundOutcome::Applied | InboundOutcome::Created => (tone, symbol, outcome.label()),
            InboundOutcome::Unchanged | InboundOutcome::Ignored | InboundOutcome::Duplicate | InboundOutcome::Test => {
                (Tone::Idle, symbol, outcome.label())
            }
        },
        _ => (tone, symbol, delivery.status.label()),
    }
}

/// The status of an issue.
pub fn issue_status(kind: StatusKind, text: &str) -> impl IntoView + use<> {
    let (class, symbol) = match kind {
        StatusKind::Open => ("badge open", Icon::Issue),
        StatusKind::Closed => ("badge closed", Icon::Check),
    };
    view! { <span class=class title=text.to_owned()>{icon(symbol)}<span class="status-text">{text.to_owned()}</span></span> }
}

/// The result of a test. Each has an icon of its own, as some share a color.
pub fn result(status: ResultStatus) -> impl IntoView {
    let (tone, symbol) = result_look(status);
    let class = format!("badge {}", tone.class());
    view! { <span class=class>{icon(symbol)}{status.label()}</span> }
}

/// The result of a test in a table, without a fill.
pub fn result_status(status: ResultStatus) -> impl IntoView {
    let (tone, symbol) = result_look(status);
    let class = format!("st {}", tone.class());
    view! { <span class=class>{icon(symbol)}{status.label()}</span> }
}

const fn result_look(status: ResultStatus) -> (Tone, Icon) {
    match status {
        ResultStatus::Passed => (Tone::Ok, Icon::Check),
        ResultStatus::Failed => (Tone::Bad, Icon::Cross),
        ResultStatus::Blocked => (Tone::Warn, Icon::Block),
        ResultStatus::Retest => (Tone::Warn, Icon::Replay),
        ResultStatus::Skipped => (Tone::Idle, Icon::Skip),
        ResultStatus::Untested => (Tone::Idle, Icon::Todo),
    }
}

/// The outcome of a completed run or session: its worst result.
pub fn outcome(counts: &Counts) -> AnyView {
    let worst = [
        ResultStatus::Failed,
        ResultStatus::Blocked,
        ResultStatus::Retest,
        ResultStatus::Untested,
        ResultStatus::Passed,
        ResultStatus::Skipped,
    ];
    match worst.into_iter().find(|&status| counts.for_status(status) > 0) {
        Some(ResultStatus::Untested) => badge(Tone::Idle, "Incomplete".to_owned()).into_any(),
        Some(status) => result(status).into_any(),
        None => badge(Tone::Idle, "No results".to_owned()).into_any(),
    }
}

/// The status of a CI job.
pub fn ci_job_status(status: CiJobStatus) -> impl IntoView {
    let (tone, symbol) = match status {
        CiJobStatus::Queued => (Tone::Idle, Icon::Clock),
        CiJobStatus::Running => (Tone::Idle, Icon::Run),
        CiJobStatus::Passed => (Tone::Ok, Icon::Check),
        CiJobStatus::Failed => (Tone::Bad, Icon::Cross),
        CiJobStatus::Cancelled => (Tone::Warn, Icon::Off),
    };
    let class = format!("badge {}", tone.class());
    view! { <span class=class>{icon(symbol)}{status.label()}</span> }
}

/// The state of a run or a session.
pub fn state(state: State) -> impl IntoView {
    let tone = match state {
        State::Done => Tone::Ok,
        State::Blocked => Tone::Warn,
        State::New | State::InProgress | State::InReview => Tone::Idle,
    };
    badge(tone, state.label().to_owned())
}

/// The badge of what anyone with its link can see.
pub fn public() -> impl IntoView {
    view! { <span class="badge idle">{icon(Icon::External)}"Public"</span> }
}

/// The badge of a closed item.
pub fn badge_closed(text: &'static str) -> impl IntoView {
    view! { <span class="badge closed">{icon(Icon::Check)}{text}</span> }
}
