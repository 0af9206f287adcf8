//! `/webhooks/{webhook}`: a webhook with several projects, and its deliveries in all of them that the user may read.
//! System admins also see those of deleted projects, which open here: their project has no pages anymore.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::super::confirm::{ConfirmDialog, ConfirmRequest, WebhookAction};
use super::super::context::{WebhooksPageContext, use_webhooks_page};
use super::super::health::health_badge;
use super::super::links::{delivery_path, shared_webhook_path, webhook_path};
use super::super::reveal::Revealed;
use super::super::scope_dialog::{ScopeDialog, scope_names, scope_text};
use crate::api;
use crate::api::shared_webhooks::list_webhook_deliveries;
use crate::chunks::{self, Chunk};
use crate::components::badge::{Tone, badge, delivery_status};
use crate::components::dynamic::{awaited, dynamic, dynamic_value};
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::lazy_part::lazy_part;
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::error::{Error, Result};
use crate::live::{Row, Rows, use_refetcher};
use crate::model::delivery::Delivery;
use crate::model::digest::WebhookDeliveryQuery;
use crate::model::id::{DeliveryId, WebhookId};
use crate::model::live::ChangeKind;
use crate::model::page::Page;
use crate::model::webhook::Webhook;
use crate::page_resource::PageResource;
use crate::pages::deliveries::{ReplayState, digest_chip};
use crate::url_state::use_url_state;

/// A burst of deliveries in this time causes one request.
const REFRESH_PAUSE_MS: u32 = 1_000;

/// The data of the page.
#[derive(Clone, Serialize, Deserialize)]
struct PageData {
    webhook: Webhook,
    deliveries: Page<Delivery>,
}

async fn read(id: Option<WebhookId>, query: WebhookDeliveryQuery) -> Result<PageData> {
    let id = id.ok_or(Error::NotFound)?;
    let webhook = api::webhooks::read_webhook(id).await?;
    let deliveries = list_webhook_deliveries(id, query).await?;
    Ok(PageData { webhook, deliveries })
}

#[component]
pub fn SharedWebhook() -> impl IntoView {
    let (params, url_state) = (use_params_map(), use_url_state());
    WebhooksPageContext::provide();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("webhook").and_then(|text| text.parse::<WebhookId>().ok()));
        let (digest, cursor) = (url_state.parsed("digest"), url_state.param("cursor"));
        (id, WebhookDeliveryQuery { digest, cursor, limit: None })
    });
    let data = PageResource::new(move || address.get(), |(id, query)| read(id, query));
    let changed = Callback::new(move |_: Webhook| data.refetch());
    // The page of the copy, where its secret is shown.
    let created = Callback::new(move |copy: Webhook| url_state.go(shared_webhook_path(copy.id)));
    let removed = Callback::new(move |_: WebhookId| url_state.go("/webhooks".to_owned()));
    let after = Callback::new(|_: WebhookId| "main".to_owned());
    let chosen = Memo::new(move |_| url_state.parsed::<DeliveryId>("delivery"));
    // The rows that open in the drawer, in order.
    let (replay_state, order) = (ReplayState::new(), RwSignal::new(Vec::new()));
    view! {
        <Revealed project=None/>
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match data.await {
                    Ok(data) => content(data, address.get_untracked().1, order),
                    Err(error) => view! { <PageError error what="the webhook"/> }.into_any(),
                }
            })}
        </Transition>
        {dynamic(move || chosen.get().map(|id| {
            lazy_part(Chunk::Delivery, move || chunks::delivery(id, replay_state, order), || ().into_any())
        }))}
        <ScopeDialog changed/>
        <ConfirmDialog changed created removed after/>
    }
}

fn content(data: PageData, query: WebhookDeliveryQuery, order: RwSignal<Vec<DeliveryId>>) -> AnyView {
    let PageData { webhook, deliveries } = data;
    let (id, deleted) = (webhook.id, RwSignal::new(false));
    let shown = RwSignal::new(webhook);
    let webhook = Signal::<Webhook>::from(shown);
    let next = RwSignal::new(deliveries.next_cursor);
    let rows = Rows::new(deliveries.items.into_iter().map(|delivery| (delivery.id, delivery)));
    Effect::new(move |_| {
        let orphaned = rows.get().into_iter().filter(|row| row.value.with_untracked(|delivery| delivery.orphaned));
        order.set(orphaned.map(|row| row.id).collect());
    });
    use_refetcher(
        move |kind: &ChangeKind| matches!(kind, ChangeKind::WebhookChanged { webhook_id } if *webhook_id == id),
        move || {
            let query = query.clone();
            Box::pin(async move {
                match read(Some(id), query).await {
                    Ok(PageData { webhook, deliveries }) => {
                        let _ = shown.try_set(webhook);
                        let _ = next.try_set(deliveries.next_cursor);
                        rows.reconcile(deliveries.items.into_iter().map(|delivery| (delivery.id, delivery)));
                    }
                    Err(Error::NotFound) => drop(deleted.try_set(true)),
                    Err(_) => {}
                }
                TimeoutFuture::new(REFRESH_PAUSE_MS).await;
            })
        },
    );
    let name = Memo::new(move |_| webhook.with(|webhook| webhook.name.clone()));
    let address = move || webhook.with(|webhook| format!("{} · {}", webhook.kind.label(), webhook.url));
    let scope = Memo::new(move |_| webhook.with(|webhook| webhook.scope.clone()));
    let names = move || {
        let names = scope.with(scope_names);
        (!names.is_empty()).then(|| view! { <p class="hint" dir="auto">{names}</p> })
    };
    view! {
        <Title text=move || name.try_get().unwrap_or_default()/>
        <header class="page-head">
            <div>
                <p class="hint"><a class="link" href="/webhooks">"Webhooks across projects"</a></p>
                <h1 dir="auto">{name}</h1>
                <p class="lead">{dynamic(address)}</p>
                <div class="row">{health_badge(webhook)}{dynamic(move || scope.with(scope_text))}</div>
                {dynamic(names)}
            </div>
            {actions(webhook)}
        </header>
        {notes(webhook, deleted)}
        <h2>"Deliveries"</h2>
        <p class="row">{digest_chip()}</p>
        {history(rows, next, webhook)}
    }
    .into_any()
}

fn actions(webhook: Signal<Webhook>) -> AnyView {
    let context = use_webhooks_page();
    let orphaned = Memo::new(move |_| webhook.with(|webhook| webhook.scope.orphaned));
    let open = move || {
        (!orphaned.get()).then(|| {
            let href = move || webhook.with(webhook_path);
            view! { <a class="button" href=dynamic_value(href)>{icon(Icon::Webhook)}"Open in a project"</a> }
        })
    };
    let manages = Memo::new(move |_| webhook.with(|webhook| webhook.scope.can_manage));
    let change = move |_| context.scoping.set(Some(webhook.get_untracked()));
    let delete = move |_| {
        context.confirm(ConfirmRequest { action: WebhookAction::Delete, webhook: webhook.get_untracked() });
    };
    let duplicate = move |_| {
        context.confirm(ConfirmRequest { action: WebhookAction::Duplicate, webhook: webhook.get_untracked() });
    };
    let managing = move || {
        manages.get().then(|| {
            // There is nothing to copy for a project that was deleted.
            let duplicate = (!orphaned.get()).then(|| {
                view! { <button type="button" class="button" on:click=duplicate>"Duplicate webhook"</button> }
            });
            view! {
                {duplicate}
                <button type="button" class="button" on:click=change>"Change projects"</button>
                <button type="button" class="button danger" on:click=delete>"Delete webhook"</button>
            }
        })
    };
    view! { <div class="actions">{dynamic(open)}{dynamic(managing)}</div> }.into_any()
}

fn notes(webhook: Signal<Webhook>, deleted: RwSignal<bool>) -> AnyView {
    let note = |text: &'static str| view! { <p class="note warn spaced">{icon(Icon::Warning)}<span>{text}</span></p> };
    let orphaned = Memo::new(move |_| webhook.with(|webhook| webhook.scope.orphaned));
    view! {
        {dynamic(move || deleted.get().then(|| note("This webhook was deleted. This is its last version.")))}
        {dynamic(move || orphaned.get().then(|| {
            note("Its project was deleted, so it is inactive. To use it again, select other projects and activate it.")
        }))}
    }
    .into_any()
}

fn history(rows: Rows<DeliveryId, Delivery>, next: RwSignal<Option<String>>, webhook: Signal<Webhook>) -> AnyView {
    let is_empty = Memo::new(move |_| rows.is_empty());
    view! {
        {dynamic(move || is_empty.get().then(|| view! { <p class="hint">"No deliveries yet"</p> }))}
        <div class="table-wrap" hidden=is_empty>
            <table class="stack compact">
                <thead><tr><th>"Subject"</th><th>"Project"</th><th>"Status"</th><th>"Time"</th></tr></thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id let:row>{table_row(row, webhook)}</For>
                </tbody>
            </table>
        </div>
        {dynamic(move || view! { <Pager next=next.get()/> })}
    }
    .into_any()
}

fn table_row(row: Row<DeliveryId, Delivery>, webhook: Signal<Webhook>) -> AnyView {
    let (id, flash, url_state) = (row.id, row.flash(), use_url_state());
    let delivery = Signal::<Delivery>::from(row.value);
    let orphaned = Memo::new(move |_| delivery.with(|delivery| delivery.orphaned));
    let project = move || {
        if orphaned.get() {
            return Some(badge(Tone::Warn, "Orphaned: project deleted".to_owned()).into_any());
        }
        let project = delivery.with(|delivery| delivery.project_id);
        let named = webhook.with(|webhook| webhook.scope.projects.iter().find(|one| one.id == project).cloned());
        named.map(|named| named.name.into_any())
    };
    let subject = move || delivery.with(|delivery| delivery.subject.clone().unwrap_or_else(|| delivery.event.clone()));
    let href = move || match orphaned.get() {
        true => url_state.with(&[("delivery", Some(&id.to_string()))]),
        false => delivery.with(|delivery| delivery_path(delivery.project_id, id)),
    };
    let created_at = delivery.with_untracked(|delivery| delivery.created_at);
    view! {
        <tr id=format!("row-{id}") tabindex="-1" data-flash=flash>
            <td class="primary-cell">
                <span class="item-title"><a class="title" href=dynamic_value(href) data-noscroll="" dir="auto">{dynamic(subject)}</a></span>
                <span class="hint block">{dynamic(move || delivery.with(|delivery| delivery.event.clone()))}</span>
            </td>
            <td data-label="Project" dir="auto">{dynamic(project)}</td>
            <td data-label="Status">{dynamic(move || delivery.with(delivery_status))}</td>
            <td class="labeled" data-label="Time"><RelativeTime time=created_at/></td>
        </tr>
    }
    .into_any()
}
