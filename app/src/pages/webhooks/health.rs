//! The health of a webhook: a badge, with the reasons in a tooltip.

use leptos::prelude::*;

use crate::components::badge;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::relative_time::RelativeTime;
use crate::components::tip::tip;
use crate::model::webhook::{Health, Webhook};

pub fn health_badge(webhook: Signal<Webhook>) -> AnyView {
    let id = webhook.with_untracked(|webhook| format!("health-{}", webhook.id));
    let health = Memo::new(move |_| webhook.with(health_of_use));
    // Whether it is active, and whether it waits for the end of a pause of all webhooks: a disabled one doesn't.
    let is_paused = |webhook: &Webhook| webhook.instance_paused && webhook.health != Health::Disabled;
    let stopped = Memo::new(move |_| webhook.with(|webhook| (webhook.active, is_paused(webhook))));
    let label = move || {
        let health = match stopped.get() {
            (false, _) => badge::INACTIVE,
            (true, true) => badge::PAUSED,
            (true, false) => badge::health_label(health.get()),
        };
        webhook.with(|webhook| format!("Health of {}: {health}", webhook.name))
    };
    let button = view! {
        <button type="button" class="unstyled" aria-label=dynamic_value(label) aria-describedby=id.clone()>
            {dynamic(move || match stopped.get() {
                (false, _) => badge::inactive().into_any(),
                (true, true) => badge::paused().into_any(),
                (true, false) => badge::health(health.get()).into_any(),
            })}
        </button>
    };
    tip(id, button.into_any(), (move || webhook.with(reasons)).into_any())
}

/// `None` if nothing was sent or received yet.
fn health_of_use(webhook: &Webhook) -> Option<Health> {
    let used = webhook.last_success_at.is_some() || webhook.last_failure_at.is_some();
    (used || webhook.health != Health::Healthy).then_some(webhook.health)
}

/// The stored reason and the latest results.
fn reasons(webhook: &Webhook) -> AnyView {
    let success =
        webhook.last_success_at.map(|time| view! { <span>"Last success "<RelativeTime time/></span> }.into_any());
    let failure =
        webhook.last_failure_at.map(|time| view! { <span>"Last failure "<RelativeTime time/></span> }.into_any());
    let none = success.is_none() && failure.is_none();
    let (first, second) =
        if webhook.last_failure_at > webhook.last_success_at { (failure, success) } else { (success, failure) };
    let change = webhook
        .health_change
        .as_ref()
        .map(|change| view! { <span>{change.reason.clone()}" "<RelativeTime time=change.at/></span> }.into_any());
    view! {
        {change}
        {first}
        {second}
        {none.then_some("Nothing sent or received yet")}
        {failure_count(webhook).map(|text| view! { <span>{text}</span> })}
    }
    .into_any()
}

/// "3 of 10 consecutive failures"; `None` without failures, and for a disabled webhook, whose
/// reason says more.
pub fn failure_count(webhook: &Webhook) -> Option<String> {
    match (webhook.consecutive_failures, webhook.disabled_after) {
        (0, _) => None,
        _ if webhook.health == Health::Disabled => None,
        (count, Some(limit)) => Some(format!("{count} of {limit} consecutive failures")),
        (1, None) => Some("1 consecutive failure".to_owned()),
        (count, None) => Some(format!("{count} consecutive failures")),
    }
}
