//! The latest deliveries of a webhook.

use leptos::prelude::*;

use super::super::links::{deliveries_path, delivery_path};
use crate::components::badge;
use crate::components::dynamic::dynamic;
use crate::components::relative_time::RelativeTime;
use crate::model::delivery::Delivery;
use crate::model::webhook::{Direction, Webhook};
use crate::time;

pub fn latest(webhook: Signal<Webhook>, deliveries: Signal<Vec<Delivery>>) -> AnyView {
    let (project, id) = webhook.with_untracked(|webhook| (webhook.project_id, webhook.id));
    let rows = move || deliveries.with(|deliveries| deliveries.iter().map(row).collect_view());
    let is_empty = Memo::new(move |_| deliveries.with(Vec::is_empty));
    let table = move || {
        if is_empty.get() {
            return view! { <p class="hint">"No deliveries yet"</p> }.into_any();
        }
        view! {
            <div class="table-wrap">
                <table class="stack compact deliveries">
                    <thead><tr>
                        <th>"Subject"</th><th class="status-heading">"Status"</th><th class="num number-heading response">"Response"</th>
                        <th class="num number-heading attempts">"Attempts"</th><th class="num number-heading duration">"Duration"</th>
                        <th class="time-heading">"Time"</th>
                    </tr></thead>
                    <tbody>{dynamic(rows)}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="latest-deliveries" aria-labelledby="latest">
            <header class="section-head">
                <h2 id="latest">"Latest deliveries"</h2>
                <a class="button small" href=deliveries_path(project, id)>"View all"</a>
            </header>
            {dynamic(table)}
        </section>
    }
    .into_any()
}

fn row(delivery: &Delivery) -> AnyView {
    let title = delivery.subject.clone().unwrap_or_else(|| delivery.event.clone());
    let dash = || "–".to_owned();
    let attempts = match delivery.direction {
        Direction::Inbound => dash(),
        Direction::Outbound if delivery.is_summed_up() => dash(),
        Direction::Outbound => format!("{} of {}", delivery.attempt_count, delivery.max_attempts),
    };
    let next = delivery.status.is_queued().then_some(delivery.next_attempt_at).flatten();
    view! {
        <tr>
            <td class="primary-cell">
                <a class="event" dir="auto" href=delivery_path(delivery.project_id, delivery.id) title=title.clone()>{title.clone()}</a>
                <span class="event-type">
                    <code>{delivery.event.clone()}</code>
                    {delivery.test.then(|| view! { <span class="tag">"Test"</span> })}
                    {delivery.is_replay().then(|| view! { <span class="tag">"Replay"</span> })}
                    {delivery.digest_tag().map(|text| view! { <span class="tag">{text}</span> })}
                </span>
            </td>
            <td class="status-cell">
                {badge::delivery_status(delivery)}
                {next.map(|time| view! { <span class="next">"Next "<RelativeTime time due=true/></span> })}
            </td>
            <td class="num response" data-label="Response">{delivery.status_code.map_or_else(dash, |code| code.to_string())}</td>
            <td class="num attempts" data-label="Attempts">{attempts}</td>
            <td class="num duration" data-label="Duration">{delivery.duration_ms.map_or_else(dash, time::duration)}</td>
            <td class="time-cell"><RelativeTime time=delivery.created_at/></td>
        </tr>
    }
    .into_any()
}
