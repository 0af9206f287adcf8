//! The attempts of a delivery, with the pauses between them.

use chrono::TimeDelta;
use leptos::prelude::*;

use super::request::{own_destination, status_line};
use crate::components::icon::{Icon, icon};
use crate::model::delivery::{Attempt, DeliveryDetail, DeliveryStatus};
use crate::time;

pub fn attempts(detail: &DeliveryDetail) -> AnyView {
    let attempts = &detail.attempts;
    if attempts.is_empty() {
        let text = match detail.delivery.status {
            DeliveryStatus::Held => "Held until the webhook is re-enabled, no attempts yet",
            DeliveryStatus::Pending => "Queued, no attempts yet",
            _ => "No attempts",
        };
        return view! { <section><h3>"Attempts"</h3><p class="hint">{text}</p></section> }.into_any();
    }
    let mut previous: Option<&Attempt> = None;
    let items = attempts
        .iter()
        .map(|attempt| {
            let gap = previous.replace(attempt).map(|before| pause(before, attempt));
            item(attempt, gap, own_destination(detail, attempt))
        })
        .collect_view();
    view! { <section><h3 id="attempts">"Attempts"</h3><ol class="attempts" aria-labelledby="attempts">{items}</ol></section> }
        .into_any()
}

/// The time from the end of an attempt to the start of the next one.
fn pause(before: &Attempt, attempt: &Attempt) -> String {
    let ended = before.started_at + TimeDelta::milliseconds(before.duration_ms.into());
    let seconds = (attempt.started_at - ended).num_seconds().max(0);
    time::took(u32::try_from(seconds).unwrap_or(u32::MAX))
}

fn item(attempt: &Attempt, gap: Option<String>, destination: Option<String>) -> impl IntoView + use<> {
    let (class, symbol) = if attempt.error.is_some() { ("bad", Icon::Cross) } else { ("ok", Icon::Check) };
    view! {
        {gap.map(|gap| view! { <li class="gap" aria-hidden="true">{gap}</li> })}
        <li class=class>
            {icon(symbol)}
            <span>{format!("{}. {}", attempt.number, outcome(attempt))}</span>
            <span class="time" title=time::exact(attempt.started_at)>
                {format!("{} · {}", time::duration(attempt.duration_ms), time::clock(attempt.started_at))}
            </span>
            {destination.map(|destination| view! { <span class="destination mono">{destination}</span> })}
        </li>
    }
}

fn outcome(attempt: &Attempt) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(code), None) => status_line(code),
        (Some(code), Some(error)) if !error.contains(&code.to_string()) => {
            format!("{}: {error}", status_line(code))
        }
        (_, Some(error)) => error.clone(),
        (None, None) => "No response".to_owned(),
    }
}
