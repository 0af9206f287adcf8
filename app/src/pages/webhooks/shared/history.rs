//! `/webhooks/{webhook}`: a webhook with several projects, and its deliveries in all of them that the user may read.
//! System admins also see those of deleted projects.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::super::confirm::{ConfirmDialog, ConfirmRequest, WebhookAction};
use super::super::context::{WebhooksPageContext, use_webhooks_page};
use super::super::health::health_badge;
use super::super::links::{delivery_path, webhook_path};
use super::super::scope_dialog::{ScopeDialog, scope_names, scope_text};
use crate::api;
use crate::api::shared_webhooks::list_webhook_deliveries;
use crate::components::badge::{Tone, badge, delivery_status};
use crate::components::dynamic::awaited;
use crate::components::failure::PageError;
use crate::components::icon::{Icon, icon};
use crate::components::pager::Pager;
use crate::components::relative_time::RelativeTime;
use crate::components::skeleton::Skeleton;
use crate::error::{Error, Result};
use crate::model::delivery::Delivery;
use crate::model::id::WebhookId;
use crate::model::page::{Page, PageQuery};
use crate::model::webhook::Webhook;
use crate::model::webhook_scope::WebhookScope;
use crate::page_resource::PageResource;
use crate::url_state::use_url_state;

/// The data of the page.
#[derive(Clone, Serialize, Deserialize)]
struct PageData {
    webhook: Webhook,
    deliveries: Page<Delivery>,
}

async fn read(id: Option<WebhookId>, cursor: Option<String>) -> Result<PageData> {
    let id = id.ok_or(Error::NotFound)?;
    let webhook = api::webhooks::read_webhook(id).await?;
    let deliveries = list_webhook_deliveries(id, PageQuery { limit: None, cursor }).await?;
    Ok(PageData { webhook, deliveries })
}

#[component]
pub fn SharedWebhook() -> impl IntoView {
    let (params, url_state) = (use_params_map(), use_url_state());
    WebhooksPageContext::provide();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("webhook").and_then(|text| text.parse::<WebhookId>().ok()));
        (id, url_state.param("cursor"))
    });
    let data = PageResource::new(move || address.get(), |(id, cursor)| read(id, cursor));
    let changed = Callback::new(move |_: Webhook| data.refetch());
    let removed = Callback::new(move |_: WebhookId| url_state.go("/webhooks".to_owned()));
    let after = Callback::new(|_: WebhookId| "main".to_owned());
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {awaited(move || async move {
                match data.await {
                    Ok(data) => content(data),
                    Err(error) => view! { <PageError error what="the webhook"/> }.into_any(),
                }
            })}
        </Transition>
        <ScopeDialog changed/>
        <ConfirmDialog changed created=changed removed after/>
    }
}

fn content(PageData { webhook, deliveries }: PageData) -> AnyView {
    let context = use_webhooks_page();
    let webhook = StoredValue::new(webhook);
    let Webhook { name, kind, url, scope, .. } = webhook.get_value();
    let open = (!scope.orphaned).then(|| {
        let href = webhook.with_value(webhook_path);
        view! { <a class="button" href=href>{icon(Icon::Webhook)}"Open in a project"</a> }
    });
    let actions = scope.can_manage.then(|| {
        let change = move |_| context.scoping.set(Some(webhook.get_value()));
        let delete =
            move |_| context.confirm(ConfirmRequest { action: WebhookAction::Delete, webhook: webhook.get_value() });
        view! {
            <button type="button" class="button" on:click=change>"Change projects"</button>
            <button type="button" class="button danger" on:click=delete>"Delete webhook"</button>
        }
    });
    let note = scope.orphaned.then(|| {
        view! {
            <p class="note warn spaced">
                {icon(Icon::Warning)}
                <span>"Its project was deleted, so it is inactive. To use it again, select other projects and activate it."</span>
            </p>
        }
    });
    let names = scope_names(&scope);
    let names = (!names.is_empty()).then(|| view! { <p class="hint" dir="auto">{names}</p> });
    let title = name.clone();
    view! {
        <Title text=title/>
        <header class="page-head">
            <div>
                <p class="hint"><a class="link" href="/webhooks">"Webhooks across projects"</a></p>
                <h1 dir="auto">{name}</h1>
                <p class="lead">{kind.label()}" · "{url}</p>
                <div class="row">{health_badge(Signal::stored(webhook.get_value()))}{scope_text(&scope)}</div>
                {names}
            </div>
            <div class="actions">{open}{actions}</div>
        </header>
        {note}
        <h2>"Deliveries"</h2>
        {history(deliveries, &scope)}
    }
    .into_any()
}

fn history(page: Page<Delivery>, scope: &WebhookScope) -> AnyView {
    if page.items.is_empty() {
        return view! { <p class="hint">"No deliveries yet"</p> }.into_any();
    }
    let rows = page.items.into_iter().map(|delivery| row(delivery, scope)).collect_view();
    view! {
        <div class="table-wrap">
            <table class="stack compact">
                <thead><tr><th>"Subject"</th><th>"Project"</th><th>"Status"</th><th>"Time"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager next=page.next_cursor/>
    }
    .into_any()
}

fn row(delivery: Delivery, scope: &WebhookScope) -> impl IntoView + use<> {
    let named = scope.projects.iter().find(|project| project.id == delivery.project_id);
    let project = match (delivery.orphaned, named) {
        (true, _) => badge(Tone::Warn, "Orphaned: project deleted".to_owned()).into_any(),
        (false, Some(project)) => project.name.clone().into_any(),
        (false, None) => ().into_any(),
    };
    let subject = delivery.subject.clone().unwrap_or_else(|| delivery.event.clone());
    let title = match delivery.orphaned {
        true => view! { <span class="title" dir="auto">{subject}</span> }.into_any(),
        false => {
            let href = delivery_path(delivery.project_id, delivery.id);
            view! { <a class="title" href=href dir="auto">{subject}</a> }.into_any()
        }
    };
    view! {
        <tr>
            <td class="primary-cell">
                <span class="item-title">{title}</span>
                <span class="hint block">{delivery.event.clone()}</span>
            </td>
            <td data-label="Project" dir="auto">{project}</td>
            <td data-label="Status">{delivery_status(&delivery)}</td>
            <td class="labeled" data-label="Time"><RelativeTime time=delivery.created_at/></td>
        </tr>
    }
}
