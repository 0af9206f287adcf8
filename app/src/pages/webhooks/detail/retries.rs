//! When the deliveries of a webhook are retried, in clock time.

use leptos::prelude::*;

use super::field_editor::open_editor;
use crate::components::dynamic::{dynamic, dynamic_value};
use crate::components::hydration::{use_hydrated, use_hydrated_effect};
use crate::local_time;
use crate::model::delivery_policy::{DeliveryPolicy, delays_text};
use crate::model::webhook::Webhook;

pub fn retries(webhook: Signal<Webhook>, admin: bool) -> AnyView {
    let hydrated = use_hydrated();
    let policy = Memo::new(move |_| webhook.with(|webhook| webhook.policy.clone()).unwrap_or_default());
    // The server doesn't know the zone, and the page starts as the server rendered it.
    let local = RwSignal::new(false);
    use_hydrated_effect(move || local.set(true));
    let edit = admin.then(|| {
        view! {
            <button
                type="button"
                class="button small needs-hydration"
                disabled=dynamic_value(move || !hydrated.get())
                on:click=move |_| open_editor("retryDelays")
            >
                "Edit retries"
            </button>
        }
    });
    view! {
        <section class="card" aria-labelledby="retries">
            <header><h2 id="retries">"Retries"</h2>{edit}</header>
            {dynamic(move || policy.with(|policy| schedule(policy, local.get())))}
            {dynamic(move || policy.with(rules))}
        </section>
    }
    .into_any()
}

/// A step for each attempt. Each delay varies by up to a fifth.
fn schedule(policy: &DeliveryPolicy, local: bool) -> AnyView {
    let mut after = 0_u32;
    let steps: Vec<_> = policy
        .retry_delays
        .iter()
        .map(|delay| {
            after = after.saturating_add(*delay);
            (after, format!("after {}", delays_text(&[*delay])))
        })
        .collect();
    let last = steps.len();
    let first = (0, "First attempt".to_owned());
    let items = std::iter::once(first)
        .chain(steps)
        .enumerate()
        .map(|(at, (after, text))| {
            let end = if at == last { ", then exhausted" } else { "" };
            let clock = if local { local_time::clock_after(after) } else { String::new() };
            view! { <li class:on=at == 0><b>{clock}</b><span>{text}{end}</span></li> }
        })
        .collect_view();
    view! {
        <p class="hint">"If a delivery first fails now"</p>
        <ol class="clock-times">{items}</ol>
    }
    .into_any()
}

fn rules(policy: &DeliveryPolicy) -> AnyView {
    let client_errors =
        if policy.retry_client_errors { "Retried, except 410" } else { "Not retried, except 408, 425 and 429" };
    view! {
        <dl>
            <dt>"Timeout"</dt><dd>{format!("{} s", policy.timeout_seconds)}</dd>
            <dt>"4xx"</dt><dd>{client_errors}</dd>
            <dt>"410"</dt><dd>"Disables the webhook"</dd>
        </dl>
    }
    .into_any()
}
