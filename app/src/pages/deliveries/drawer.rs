//! One delivery with its attempts, what was sent and what came back. It changes as attempts are made.

use leptos::prelude::*;

use super::request::{request_text, response_text};
use crate::api;
use crate::components::badge;
use crate::components::copy::CopyButton;
use crate::components::drawer::Drawer;
use crate::components::issue_badge::IssueBadge;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::live::{Heard, use_live};
use crate::model::delivery::{Attempt, DeliveryDetail, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::live::What;
use crate::model::webhook::Direction;
use crate::place::use_place;
use crate::time;

/// See the [module](self).
#[component]
pub fn DeliveryDrawer(id: DeliveryId) -> impl IntoView {
    let place = use_place();
    let detail = Resource::new(|| (), move |()| api::deliveries::read_delivery(id));
    use_live(move |heard| match heard {
        Heard::Changed(What::DeliveryChanged { delivery_id, .. }) if delivery_id == id => detail.refetch(),
        Heard::Missed => detail.refetch(),
        Heard::Changed(_) => {}
    });
    let close_href = Signal::derive(move || place.with(&[("delivery", None)]));
    view! {
        <Drawer label="Delivery" close_href return_to=format!("row-{id}")>
            <Transition fallback=|| view! { <Skeleton lines=10/> }>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(detail) => view! { <Detail detail/> }.into_any(),
                        Err(error) => view! { <h2>"Delivery"</h2><p class="lead">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
        </Drawer>
    }
}

#[component]
fn Detail(detail: DeliveryDetail) -> impl IntoView {
    let delivery = detail.delivery.clone();
    let inbound = delivery.direction == Direction::Inbound;
    let way = if inbound { "received by " } else { "to " };
    let next = (delivery.status == DeliveryStatus::Pending).then_some(delivery.next_attempt_at).flatten();
    let request = request_text(&detail);
    let response = response_text(&detail);
    let attempts = detail.attempt_list;
    view! {
        <h2><code>{delivery.event.clone()}</code></h2>
        <p class="row">{badge::delivery(&delivery)}<span class="hint">{way}{delivery.webhook_name.clone()}</span></p>
        {delivery.error.clone().map(|error| view! { <p class="bad-text">{error}</p> })}
        <dl>
            {delivery.event_id.map(|id| view! { <dt>"Event ID"</dt><dd class="mono">{id.to_string()}</dd> })}
            <dt>{if inbound { "Source" } else { "Destination" }}</dt><dd class="mono">{detail.destination}</dd>
            <dt>{if inbound { "Received" } else { "Queued" }}</dt><dd>{time::exact(delivery.created_at)}</dd>
            {delivery.finished_at.filter(|_| !inbound).map(|at| view! { <dt>"Finished"</dt><dd>{time::exact(at)}</dd> })}
            {next.map(|time| view! { <dt>"Next attempt"</dt><dd><When time due=true/></dd> })}
            {delivery.duration_ms.filter(|_| inbound).map(|ms| view! { <dt>"Took"</dt><dd>{time::duration(ms)}</dd> })}
            {detail.issue_id.map(|id| view! { <dt>"Issue"</dt><dd><IssueBadge id/></dd> })}
        </dl>
        {inbound.then(|| view! { <Digest digest=detail.digest/> })}
        {(!inbound).then(|| view! { <Attempts attempts/> })}
        {request.map(|text| view! { <Exchange title="Request" text/> })}
        {response.map(|text| view! { <Exchange title="Response" text/> })}
    }
}

/// An inbound event keeps no body.
#[component]
fn Digest(digest: Option<String>) -> impl IntoView {
    view! {
        {digest.map(|digest| {
            let text = Signal::stored(digest.clone());
            view! {
                <div class="sub"><h3>"SHA-256 of the body"</h3><CopyButton text what="the digest"/></div>
                <pre tabindex="0" class="wrap">{digest}</pre>
            }
        })}
        <p class="hint">
            "Only this digest is kept of what a tracker sends: the body may hold what the project has no use for. It can't be replayed from here; the tracker can send it again."
        </p>
    }
}

#[component]
fn Attempts(attempts: Vec<Attempt>) -> impl IntoView {
    if attempts.is_empty() {
        return view! { <h3 class="sub">"Attempts"</h3><p class="hint">"None yet: it waits for its turn."</p> }
            .into_any();
    }
    let steps = attempts
        .into_iter()
        .map(|attempt| {
            let class = if attempt.error.is_some() { "bad-text" } else { "" };
            view! {
                <li>
                    <span class=class>{outcome(&attempt)}</span>
                    <span class="hint" title=time::exact(attempt.started_at)>
                        {format!("{}, {}", time::clock(attempt.started_at), time::duration(attempt.duration_ms))}
                    </span>
                </li>
            }
        })
        .collect_view();
    view! { <h3 class="sub">"Attempts"</h3><ol class="steps">{steps}</ol> }.into_any()
}

/// What came of an attempt, in words.
fn outcome(attempt: &Attempt) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(code), None) => super::request::status_line(code),
        (Some(code), Some(error)) if !error.contains(&code.to_string()) => {
            format!("{}: {error}", super::request::status_line(code))
        }
        (_, Some(error)) => error.clone(),
        (None, None) => "No answer".to_owned(),
    }
}

#[component]
fn Exchange(title: &'static str, text: String) -> impl IntoView {
    let copied = Signal::stored(text.clone());
    let what = if title == "Request" { "the request" } else { "the response" };
    view! {
        <div class="sub"><h3>{title}</h3><CopyButton text=copied what/></div>
        <pre tabindex="0" aria-label=title>{text}</pre>
    }
}
