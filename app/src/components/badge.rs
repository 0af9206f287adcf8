//! Badges: one of four meanings, always with an icon and a word.

use leptos::prelude::*;

use super::icon::{Icon, icon};
use crate::model::delivery::{Delivery, DeliveryStatus, InboundOutcome};
use crate::model::issue::StatusKind;
use crate::model::testware::{ResultStatus, State};
use crate::model::webhook::Health;

/// What a badge means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Warn,
    Bad,
    Idle,
}

/// Draws a badge.
pub fn badge(tone: Tone, text: String) -> impl IntoView {
    let (class, sign) = match tone {
        Tone::Ok => ("badge ok", Icon::Check),
        Tone::Warn => ("badge warn", Icon::Warning),
        Tone::Bad => ("badge bad", Icon::Cross),
        Tone::Idle => ("badge idle", Icon::Clock),
    };
    view! { <span class=class>{icon(sign)}{text}</span> }
}

/// How a webhook is.
pub fn health(health: Health) -> impl IntoView {
    let tone = match health {
        Health::Healthy => Tone::Ok,
        Health::Degraded => Tone::Warn,
        Health::Disabled => Tone::Bad,
    };
    badge(tone, health.label().to_owned())
}

/// Where a delivery stands.
pub fn delivery(delivery: &Delivery) -> impl IntoView + use<> {
    let (tone, text) = delivery_words(delivery);
    badge(tone, text.to_owned())
}

/// Where a delivery stands, when no more of it is known.
pub fn standing(status: DeliveryStatus) -> impl IntoView {
    let tone = match status {
        DeliveryStatus::Delivered => Tone::Ok,
        DeliveryStatus::Failed => Tone::Bad,
        DeliveryStatus::Held => Tone::Warn,
        DeliveryStatus::Pending | DeliveryStatus::Discarded => Tone::Idle,
    };
    badge(tone, status.label().to_owned())
}

fn delivery_words(delivery: &Delivery) -> (Tone, &'static str) {
    match (delivery.status, delivery.outcome) {
        (DeliveryStatus::Failed, _) => (Tone::Bad, "Failed"),
        (DeliveryStatus::Held, _) => (Tone::Warn, "Held"),
        (DeliveryStatus::Discarded, _) => (Tone::Idle, "Discarded"),
        (DeliveryStatus::Pending, _) if delivery.attempts > 0 => (Tone::Warn, "Retrying"),
        (DeliveryStatus::Pending, _) => (Tone::Idle, "Pending"),
        (DeliveryStatus::Delivered, None) => (Tone::Ok, "Delivered"),
        (DeliveryStatus::Delivered, Some(outcome)) => match outcome {
            InboundOutcome::Applied | InboundOutcome::Created => (Tone::Ok, outcome.label()),
            _ => (Tone::Idle, outcome.label()),
        },
    }
}

/// What an issue's status means, in the tracker's words.
pub fn issue_status(kind: StatusKind, text: &str) -> impl IntoView + use<> {
    let (class, sign) = match kind {
        StatusKind::Open => ("badge open", Icon::Issue),
        StatusKind::Closed => ("badge closed", Icon::Check),
    };
    view! { <span class=class>{icon(sign)}{text.to_owned()}</span> }
}

/// What a test came to.
pub fn result(status: ResultStatus) -> impl IntoView {
    let tone = match status {
        ResultStatus::Passed => Tone::Ok,
        ResultStatus::Failed => Tone::Bad,
        ResultStatus::Blocked | ResultStatus::Retest => Tone::Warn,
        ResultStatus::Untested | ResultStatus::Skipped => Tone::Idle,
    };
    badge(tone, status.label().to_owned())
}

/// Where the work on a run or a session stands.
pub fn state(state: State) -> impl IntoView {
    let tone = match state {
        State::Done => Tone::Ok,
        State::Blocked => Tone::Warn,
        State::New | State::InProgress | State::InReview => Tone::Idle,
    };
    badge(tone, state.label().to_owned())
}

/// What takes no more changes.
pub fn badge_closed(text: &'static str) -> impl IntoView {
    view! { <span class="badge closed">{icon(Icon::Check)}{text}</span> }
}
