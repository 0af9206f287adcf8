//! One delivery with its attempts, request and response. It updates live.

use leptos::prelude::*;

use super::attempts::attempts;
use super::delivery_row::direction_label;
use super::digest::{digest_fact, digest_notes};
use super::erase::{EraseButtons, erased_notes};
use super::exchange::status_line;
use super::manual_actions::{RETRY_OR_REPLAY, manual_actions, manual_buttons};
use super::replay::{NOT_INBOUND, ReplayState, replay_blocker};
use super::replay_history::replay_history;
use crate::api;
use crate::components::badge;
use crate::components::copy::CopyButton;
use crate::components::drawer::Drawer;
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::icon::{Icon, icon};
use crate::components::issue_badge::IssueBadge;
use crate::components::number::counted;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::layout::ProjectScope;
use crate::live::{LiveMessage, use_live, use_refetcher};
use crate::model::delivery::{Delivery, DeliveryPage, DeliveryStatus, ManualAction};
use crate::model::id::DeliveryId;
use crate::model::item_id::ItemId;
use crate::model::live::ChangeKind;
use crate::model::webhook::Direction;
use crate::page_resource::PageResource;
use crate::time;
use crate::url_state::use_url_state;

#[component]
pub fn DeliveryDrawer(
    id: DeliveryId,
    replay_state: ReplayState,
    /// The rows of the list, in order.
    order: RwSignal<Vec<DeliveryId>>,
) -> impl IntoView {
    let url_state = use_url_state();
    let scope = expect_context::<ProjectScope>().project;
    let first = PageResource::new(|| (), move |()| api::deliveries::read_delivery(id));
    let close_href = Signal::derive(move || url_state.with(&[("delivery", None)]));
    let neighbor = move |step: isize| {
        let id = order.with(|order| {
            let at = order.iter().position(|other| *other == id)?;
            order.get(at.checked_add_signed(step)?).copied()
        })?;
        Some(url_state.with(&[("delivery", Some(&id.to_string()))]))
    };
    let previous = Signal::derive(move || neighbor(-1));
    let next = Signal::derive(move || neighbor(1));
    view! {
        <Drawer label="Delivery" close_href return_to=format!("row-{id}") previous next>
            <Transition fallback=|| view! { <Skeleton lines=10/> }>
                {awaited(move || async move {
                    let replay_state = replay_state.for_admin(scope.await);
                    match first.await {
                        Ok(detail) => view! { <Detail detail replay_state/> }.into_any(),
                        Err(error) => view! {
                            <header><h2>"Delivery"</h2></header>
                            <div class="body"><p class="lead">{error.to_string()}</p></div>
                        }.into_any(),
                    }
                })}
            </Transition>
        </Drawer>
    }
}

/// A burst of deliveries in this time causes one request.
const REFRESH_PAUSE_MS: u32 = 1_000;

/// Only changed parts are rendered again. Buttons, scroll position and selected text stay.
#[component]
fn Detail(detail: DeliveryPage, replay_state: Option<ReplayState>) -> impl IntoView {
    let id = detail.delivery.id;
    let inbound = detail.delivery.direction == Direction::Inbound;
    let body_sha256 = detail.body_sha256.clone();
    let header = header(&detail);
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
    use_live(move |message| match message {
        LiveMessage::Changed(ChangeKind::DeliveryChanged { delivery_id, .. }) if concerned(delivery_id) => read(),
        LiveMessage::Changed(_) | LiveMessage::Missed => {}
    });
    // What happens to a digest is no change of each delivery that it covers.
    let webhook = shown.with_untracked(|shown| shown.delivery.webhook_id);
    use_refetcher(
        move |change| {
            let is_of_webhook = match change {
                ChangeKind::DeliveryChanged { webhook_id, .. } | ChangeKind::WebhookChanged { webhook_id } => {
                    *webhook_id == webhook
                }
                _ => false,
            };
            let is_summed_up = |shown: &DeliveryPage| shown.delivery.is_summed_up();
            is_of_webhook && shown.try_with_untracked(is_summed_up).unwrap_or_default()
        },
        move || {
            Box::pin(async move {
                if let Ok(fresh) = api::deliveries::read_delivery(id).await {
                    let _ = shown.try_set(fresh);
                }
                gloo_timers::future::TimeoutFuture::new(REFRESH_PAUSE_MS).await;
            })
        },
    );
    let links = Memo::new(move |_| shown.with(|shown| (shown.delivery.replay_of, shown.chain.clone())));
    let replay_blocker = Memo::new(move |_| shown.with(|shown| replay_blocker(&shown.delivery)));
    let offered = replay_state.filter(|_| !inbound);
    let actions = Memo::new(move |_| shown.with(|shown| manual_actions(&shown.delivery)));
    let manual = move || {
        let replay_state = offered.filter(|_| replay_blocker.get().is_none())?;
        Some(manual_buttons(replay_state, id, actions.get(), Callback::new(move |()| read())))
    };
    let hint = move || {
        actions
            .with(|actions| actions.contains(&ManualAction::Retry))
            .then(|| offered.map(|_| view! { <p class="hint">{RETRY_OR_REPLAY}</p> }))
    };
    let is_main = Memo::new(move |_| actions.with(|actions| !actions.contains(&ManualAction::Retry)));
    let replay = move || {
        let replay_state = offered.filter(|_| replay_blocker.get().is_none())?;
        Some(view! {
            <button
                type="button"
                class=dynamic_value(move || if is_main.get() { "button small primary" } else { "button small" })
                aria-busy=dynamic_value(move || replay_state.pending().get().to_string())
                on:click=move |_| replay_state.replay_one(id, Callback::new(move |()| read()))
            >
                {icon(Icon::Replay)}"Replay"
            </button>
        })
    };
    let no_replay = move || offered.and_then(|_| replay_blocker.get()).map(note);
    view! {
        {header}
        <div class="body">
            <section class="row">
                {dynamic(move || shown.with(status))}
                <span class="grow"></span>
                <span class="toolbar">{dynamic(move || shown.with(subject_link))}{dynamic(manual)}{replay}</span>
            </section>
            {dynamic(hint)}
            {dynamic(move || shown.with(error))}
            {dynamic(move || shown.with(erased_notes))}
            {no_replay}
            {dynamic(move || shown.with(digest_notes))}
            {(!inbound).then(|| attempts(shown))}
            {inbound.then(|| view! { <BodyHash body_sha256/> })}
            {dynamic(move || links.with(|(parent, links)| replay_history(id, *parent, links)))}
            <section><h3>"Details"</h3>{dynamic(move || shown.with(facts))}</section>
            {offered.map(|_| view! { <EraseButtons shown erased=move |()| read()/> })}
        </div>
    }
}

fn header(detail: &DeliveryPage) -> AnyView {
    let delivery = &detail.delivery;
    let title = delivery.subject.clone().unwrap_or_else(|| delivery.event.clone());
    view! {
        <header>
            <h2 class="clip" dir="auto" title=title.clone()>{title.clone()}</h2>
            <p class="row hint">
                <code>{delivery.event.clone()}</code>"·"
                <span>{direction_label(delivery.direction)}" "<bdi>{delivery.webhook_name.clone()}</bdi></span>
            </p>
        </header>
    }
    .into_any()
}

fn status(detail: &DeliveryPage) -> AnyView {
    let delivery = &detail.delivery;
    let attempts = (delivery.direction == Direction::Outbound && !delivery.is_summed_up())
        .then(|| format!("{} of {}", delivery.attempt_count, counted(delivery.max_attempts, "attempt", "attempts")));
    let next = delivery.status.is_queued().then_some(delivery.next_attempt_at).flatten();
    let next = next.filter(|_| delivery.attempt_count > 0);
    view! {
        {badge::delivery(delivery)}
        <span class="hint">{attempts}{next.map(|time| view! { ", next "<RelativeTime time due=true/> })}</span>
    }
    .into_any()
}

/// The reason why an event was ignored, or why a delivery is held, is not an error. The error of an attempt is
/// shown with it.
fn error(detail: &DeliveryPage) -> Option<AnyView> {
    let delivery = &detail.delivery;
    let error = delivery.error.clone()?;
    if detail.attempts.last().is_some_and(|latest| latest.error.as_ref() == Some(&error)) {
        return None;
    }
    let failed = match delivery.status {
        DeliveryStatus::Failed | DeliveryStatus::Exhausted | DeliveryStatus::Refused => true,
        DeliveryStatus::Pending => delivery.direction == Direction::Outbound,
        DeliveryStatus::Delivered | DeliveryStatus::Held | DeliveryStatus::Cancelled => false,
    };
    let (class, symbol) = if failed { ("note bad", Icon::Warning) } else { ("note", Icon::Info) };
    let copy = failed.then(|| view! { <CopyButton text=Signal::stored(error.clone()) what="the error"/> });
    Some(view! { <p class=class>{icon(symbol)}<span>{error}</span>{copy}</p> }.into_any())
}

/// The link to the page of the delivery's subject, if it exists.
fn subject_link(detail: &DeliveryPage) -> Option<AnyView> {
    // A deleted project has no pages.
    let id = detail.subject_id.filter(|_| !detail.delivery.orphaned)?;
    let href = id.path(detail.delivery.project_id);
    let label = format!("Open {}", id.subject().spec().noun);
    Some(view! { <a class="button small" href=href>{label}</a> }.into_any())
}

fn facts(detail: &DeliveryPage) -> AnyView {
    let delivery = &detail.delivery;
    let inbound = delivery.direction == Direction::Inbound;
    let next = delivery.status.is_queued().then_some(delivery.next_attempt_at).flatten();
    view! {
        <dl>
            <dt>"Delivery ID"</dt><dd class="mono">{delivery.id.to_string()}</dd>
            {delivery.event_id.map(|id| view! { <dt>"Event ID"</dt><dd class="mono">{id.to_string()}</dd> })}
            {delivery.tracker_delivery_id.clone().map(|id| view! {
                <dt>{format!("{} delivery", detail.destination)}</dt><dd class="mono">{id}</dd>
            })}
            <dt>{if inbound { "Source" } else { "Destination" }}</dt><dd class="mono">{detail.destination.clone()}</dd>
            <dt>{if inbound { "Received" } else { "Queued" }}</dt><dd>{time::exact(delivery.created_at)}</dd>
            {delivery.finished_at.filter(|_| !inbound).map(|at| view! { <dt>"Finished"</dt><dd>{time::exact(at)}</dd> })}
            {digest_fact(detail)}
            {delivery.replay_id.map(|_| view! { <dt>"Replay"</dt><dd>{replay_link(delivery)}</dd> })}
            {next.map(|time| view! { <dt>"Next attempt"</dt><dd><RelativeTime time due=true/></dd> })}
            {delivery.status_code.filter(|_| inbound).map(|code| view! { <dt>"Response"</dt><dd>{status_line(code)}</dd> })}
            {delivery.duration_ms.filter(|_| inbound).map(|ms| view! { <dt>"Duration"</dt><dd>{time::duration(ms)}</dd> })}
            {detail.issue_id.filter(|_| !delivery.orphaned).map(|id| view! { <dt>"Issue"</dt><dd><IssueBadge id/></dd> })}
        </dl>
    }
    .into_any()
}

/// The replay by time range that queued it is on the page of its webhook.
fn replay_link(delivery: &Delivery) -> AnyView {
    if delivery.webhook_deleted || delivery.orphaned {
        return "By time range".into_any();
    }
    let href = format!("{}#replays", ItemId::from(delivery.webhook_id).path(delivery.project_id));
    view! { <a class="link" href=href>"By time range"</a> }.into_any()
}

/// The body of an inbound event is not stored.
#[component]
fn BodyHash(body_sha256: Option<String>) -> impl IntoView {
    view! {
        {body_sha256.map(|hash| {
            let text = Signal::stored(hash.clone());
            view! {
                <section>
                    <div class="code">
                        <header><h3>"SHA-256 of the body"</h3><CopyButton text what="the SHA-256"/></header>
                        <pre tabindex="0" class="wrap">{hash}</pre>
                    </div>
                </section>
            }
        })}
        {note(NOT_INBOUND)}
    }
}

fn note(text: &'static str) -> impl IntoView {
    view! { <p class="note">{icon(Icon::Info)}<span>{text}</span></p> }
}
