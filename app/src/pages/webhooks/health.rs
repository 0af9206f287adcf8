//! The health of a webhook: a badge, with what it rests on while it is hovered or focused; below it
//! the times of its latest traffic.

use leptos::prelude::*;

use crate::components::badge;
use crate::components::tip::tip;
use crate::components::when::{When, WhenOrNever};
use crate::model::webhook::{Direction, Health, Webhook};

/// Failures in a row after which an outbound webhook is disabled.
pub const DISABLED_AT: u32 = 10;

/// The badge with its words.
pub fn health_badge(webhook: Signal<Webhook>) -> AnyView {
    let id = webhook.with_untracked(|webhook| format!("health-{}", webhook.id));
    let said = move || webhook.with(|webhook| format!("Health of {}: {}", webhook.name, webhook.health.label()));
    let health = Memo::new(move |_| webhook.with(|webhook| webhook.health));
    let button = view! {
        <button type="button" class="bare" aria-label=said aria-describedby=id.clone()>
            {move || badge::health(health.get())}
        </button>
    };
    tip(id, button.into_any(), (move || webhook.with(reasons)).into_any())
}

/// What the health rests on, the latest first.
fn reasons(webhook: &Webhook) -> AnyView {
    let success = webhook.last_success_at.map(|time| view! { <span>"Last success "<When time/></span> }.into_any());
    let failure = webhook.last_failure_at.map(|time| view! { <span>"Last failure "<When time/></span> }.into_any());
    let none = success.is_none() && failure.is_none();
    let (first, second) =
        if webhook.last_failure_at > webhook.last_success_at { (failure, success) } else { (success, failure) };
    view! {
        {first}
        {second}
        {none.then_some("Nothing sent or received yet")}
        <span>{in_a_row(webhook)}</span>
    }
    .into_any()
}

fn in_a_row(webhook: &Webhook) -> String {
    let failures = match webhook.consecutive_failures {
        0 => return "No failure since".to_owned(),
        1 => "1 failure in a row".to_owned(),
        count => format!("{count} failures in a row"),
    };
    match (webhook.direction, webhook.health) {
        // Nothing that a tracker sends must be lost.
        (Direction::Inbound, _) | (_, Health::Disabled) => failures,
        _ => format!("{failures}, disabled at {DISABLED_AT}"),
    }
}

/// When it last sent or received, and how that went.
pub fn activity(webhook: &Webhook) -> AnyView {
    let first = if webhook.direction == Direction::Inbound { "Last received " } else { "Last dispatched " };
    let failing = (webhook.consecutive_failures > 0).then(|| view! { <span>{in_a_row(webhook)}</span> });
    view! {
        <span>{first}<b><WhenOrNever time=webhook.last_dispatched_at/></b></span>
        <span>"Last success "<b><WhenOrNever time=webhook.last_success_at/></b></span>
        <span>"Last failure "<b><WhenOrNever time=webhook.last_failure_at/></b></span>
        {failing}
    }
    .into_any()
}
