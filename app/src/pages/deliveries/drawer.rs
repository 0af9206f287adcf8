//! One delivery with its attempts, what was sent and what came back. It changes as attempts are made.

use leptos::prelude::*;

use super::chain::chain;
use super::replay::{NOT_INBOUND, Replays, why_not};
use super::request::{request_text, response_text, status_line};
use crate::api;
use crate::components::badge;
use crate::components::copy::CopyButton;
use crate::components::drawer::Drawer;
use crate::components::icon::{Icon, icon};
use crate::components::issue_badge::IssueBadge;
use crate::components::skeleton::Skeleton;
use crate::components::when::When;
use crate::layout::Scope;
use crate::live::{Heard, use_live};
use crate::model::delivery::{Attempt, DeliveryDetail, DeliveryStatus};
use crate::model::id::DeliveryId;
use crate::model::live::What;
use crate::model::webhook::Direction;
use crate::place::use_place;
use crate::time;

/// See the [module](self).
#[component]
pub fn DeliveryDrawer(id: DeliveryId, replays: Replays) -> impl IntoView {
    let place = use_place();
    let scope = expect_context::<Scope>().project;
    let first = Resource::new(|| (), move |()| api::deliveries::read_delivery(id));
    let close_href = Signal::derive(move || place.with(&[("delivery", None)]));
    view! {
        <Drawer label="Delivery" close_href return_to=format!("row-{id}")>
            <Transition fallback=|| view! { <Skeleton lines=10/> }>
                {move || Suspend::new(async move {
                    let replays = replays.of(scope.await);
                    match first.await {
                        Ok(detail) => view! { <Detail detail replays/> }.into_any(),
                        Err(error) => view! { <h2>"Delivery"</h2><p class="lead">{error.to_string()}</p> }.into_any(),
                    }
                })}
            </Transition>
        </Drawer>
    }
}

/// What changes is drawn anew; the buttons and what was scrolled or marked stay.
#[component]
fn Detail(detail: DeliveryDetail, replays: Option<Replays>) -> impl IntoView {
    let (id, event) = (detail.delivery.id, detail.delivery.event.clone());
    let inbound = detail.delivery.direction == Direction::Inbound;
    let digest = detail.digest.clone();
    let shown = RwSignal::new(detail);
    let read = move || {
        leptos::task::spawn_local(async move {
            if let Ok(fresh) = api::deliveries::read_delivery(id).await {
                let _ = shown.try_set(fresh);
            }
        });
    };
    let concerned =
        move |changed| changed == id || shown.with_untracked(|shown| shown.chain.iter().any(|link| link.id == changed));
    use_live(move |heard| match heard {
        Heard::Changed(What::DeliveryChanged { delivery_id, .. }) if concerned(delivery_id) => read(),
        Heard::Missed => read(),
        Heard::Changed(_) => {}
    });
    let request = Memo::new(move |_| shown.with(request_text));
    let response = Memo::new(move |_| shown.with(response_text));
    let links = Memo::new(move |_| shown.with(|shown| (shown.delivery.replay_of, shown.chain.clone())));
    let why_not = Memo::new(move |_| shown.with(|shown| why_not(&shown.delivery)));
    let offered = replays.filter(|_| !inbound);
    let replay = move || {
        let replays = offered.filter(|_| why_not.get().is_none())?;
        Some(view! {
            <button
                type="button"
                class="button small primary"
                aria-busy=move || replays.pending().get().to_string()
                on:click=move |_| replays.one(id, Callback::new(move |()| read()))
            >
                "Replay"
            </button>
        })
    };
    let no_replay = move || offered.and_then(|_| why_not.get()).map(note);
    view! {
        <h2><code>{event}</code></h2>
        <div class="row"><span class="grow row">{move || shown.with(standing)}</span>{replay}</div>
        {no_replay}
        {move || shown.with(facts)}
        {move || links.with(|(parent, links)| chain(id, *parent, links))}
        {inbound.then(|| view! { <Digest digest/> })}
        {(!inbound).then_some(move || shown.with(attempts))}
        {move || request.get().map(|text| view! { <Exchange title="Request" text/> })}
        {move || response.get().map(|text| view! { <Exchange title="Response" text/> })}
    }
}

fn standing(detail: &DeliveryDetail) -> AnyView {
    let delivery = &detail.delivery;
    let way = if delivery.direction == Direction::Inbound { "received by " } else { "to " };
    view! { {badge::delivery(delivery)}<span class="hint">{way}{delivery.webhook_name.clone()}</span> }.into_any()
}

fn facts(detail: &DeliveryDetail) -> AnyView {
    let delivery = &detail.delivery;
    let inbound = delivery.direction == Direction::Inbound;
    let next = (delivery.status == DeliveryStatus::Pending).then_some(delivery.next_attempt_at).flatten();
    // Why an event was ignored or changed nothing, or why a delivery is held, is no error.
    let wrong = match delivery.status {
        DeliveryStatus::Failed => true,
        DeliveryStatus::Pending => !inbound,
        _ => false,
    };
    let class = if wrong { "bad-text" } else { "hint reason" };
    view! {
        {delivery.error.clone().map(|error| view! { <p class=class>{error}</p> })}
        <dl>
            {delivery.event_id.map(|id| view! { <dt>"Event ID"</dt><dd class="mono">{id.to_string()}</dd> })}
            <dt>{if inbound { "Source" } else { "Destination" }}</dt><dd class="mono">{detail.destination.clone()}</dd>
            <dt>{if inbound { "Received" } else { "Queued" }}</dt><dd>{time::exact(delivery.created_at)}</dd>
            {delivery.finished_at.filter(|_| !inbound).map(|at| view! { <dt>"Finished"</dt><dd>{time::exact(at)}</dd> })}
            {next.map(|time| view! { <dt>"Next attempt"</dt><dd><When time due=true/></dd> })}
            {delivery.status_code.filter(|_| inbound).map(|code| view! { <dt>"Answered"</dt><dd>{status_line(code)}</dd> })}
            {delivery.duration_ms.filter(|_| inbound).map(|ms| view! { <dt>"Took"</dt><dd>{time::duration(ms)}</dd> })}
            {detail.issue_id.map(|id| view! { <dt>"Issue"</dt><dd><IssueBadge id/></dd> })}
        </dl>
    }
    .into_any()
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
        {note(NOT_INBOUND)}
    }
}

fn note(text: &'static str) -> impl IntoView {
    view! { <p class="note idle">{icon(Icon::Info)}<span>{text}</span></p> }
}

fn attempts(detail: &DeliveryDetail) -> AnyView {
    if detail.attempt_list.is_empty() {
        let why = match detail.delivery.status {
            DeliveryStatus::Held => "None yet: it waits until the webhook is enabled again.",
            DeliveryStatus::Pending => "None yet: it waits for its turn.",
            _ => "None was made.",
        };
        return view! { <h3 class="sub">"Attempts"</h3><p class="hint">{why}</p> }.into_any();
    }
    let steps = detail.attempt_list.iter().map(step).collect_view();
    view! { <h3 class="sub">"Attempts"</h3><ol class="steps">{steps}</ol> }.into_any()
}

fn step(attempt: &Attempt) -> impl IntoView + use<> {
    let class = if attempt.error.is_some() { "bad-text" } else { "" };
    view! {
        <li>
            <span class=class>{outcome(attempt)}</span>
            <span class="hint" title=time::exact(attempt.started_at)>
                {format!("{}, {}", time::clock(attempt.started_at), time::duration(attempt.duration_ms))}
            </span>
        </li>
    }
}

/// What came of an attempt, in words.
fn outcome(attempt: &Attempt) -> String {
    match (attempt.status_code, &attempt.error) {
        (Some(code), None) => status_line(code),
        (Some(code), Some(error)) if !error.contains(&code.to_string()) => {
            format!("{}: {error}", status_line(code))
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
