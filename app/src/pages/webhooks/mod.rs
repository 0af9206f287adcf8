//! `/projects/{id}/settings/webhooks`: the webhooks of both directions; under `?tab=deliveries`,
//! their deliveries; under `?tab=inspector`, the inspector of project admins.
//!
//! The webhooks share the dialogs in the page's [`context`]. It also keeps new secrets until they
//! are dismissed, even if the data is read again. Members see the same webhooks without actions.

mod actions;
mod activity;
mod condition_fields;
mod confirm;
mod context;
mod create_dialog;
mod destination_dialog;
mod destination_fields;
mod detail;
mod dialogs;
mod digest_note;
mod edit_dialog;
mod event_picker;
mod event_sample;
mod events_dialog;
mod facts;
mod header_fields;
mod health;
mod health_note;
mod inbound;
mod inbound_credentials;
mod insecure_field;
pub(super) mod links;
mod outbound;
mod pending_toggles;
mod policy_fields;
mod project_fields;
mod queue_facts;
mod recent_deliveries;
mod replay_dialog;
mod retiring_secret;
mod reveal;
mod rotate_options;
mod sample_dialog;
mod scope_dialog;
mod send_test;
mod shared;
mod signing_dialog;
mod signing_facts;
mod signing_fields;
mod subscriptions;
mod template_fields;
mod webhook_row;

use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use crate::api;
use crate::chunks::{self, Chunk};
use crate::components::dynamic::{awaited, dynamic};
use crate::components::failure::PageError;
use crate::components::lazy_part::{dialog_part, lazy_part};
use crate::components::skeleton::sections_skeleton;
use crate::components::tabs::Tabs;
use crate::error::{Error, Result};
use crate::layout::{ProjectScope, use_project};
use crate::live::{Coalescer, LiveMessage, Refetcher, Rows, use_live};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::Integration;
use crate::model::live::ChangeKind;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::project::Project;
use crate::model::webhook::{Direction, Webhook};
use crate::page_resource::PageResource;
use crate::pages::deliveries::deliveries_skeleton;
use crate::pages::inspector::inspector_skeleton;
use crate::url_state::use_url_state;
use context::{WebhooksPageContext, use_webhooks_page};
pub use create_dialog::CreateDialog;
pub use detail::WebhookDetail;
pub use dialogs::{WebhookChanges, WebhookDialogs};
use inbound::Inbound;
use outbound::Outbound;
pub use project_fields::ProjectChoices;
use recent_deliveries::{RecentByWebhook, by_webhook, follow_recent};
use reveal::Revealed;
pub(super) use scope_dialog::{scope_names, scope_text};
pub use shared::{SharedWebhook, SharedWebhooks};

#[component]
pub fn Webhooks() -> impl IntoView {
    let id = use_project();
    let url_state = use_url_state();
    WebhooksPageContext::provide();
    let tab = Memo::new(move |_| url_state.param("tab"));
    view! {
        <Title text="Webhooks"/>
        <header class="page-head">
            <h1>"Webhooks"</h1>
        </header>
        {tabs(id)}
        <Revealed project=id/>
        {dynamic(move || match tab.get().as_deref() {
            Some("deliveries") => lazy_part(Chunk::Deliveries, move || chunks::deliveries(id), deliveries_skeleton),
            Some("inspector") => lazy_part(Chunk::Inspector, move || chunks::inspector(id), inspector_skeleton),
            _ => view! { <Configured project=id/> }.into_any(),
        })}
    }
}

/// The tabs. Only project admins have the inspector.
fn tabs(id: ProjectId) -> AnyView {
    let scope = expect_context::<ProjectScope>().project;
    let tabs = move |admin: bool| {
        let inspector = admin.then_some(("inspector", "Inspector"));
        let tabs = [("", "Webhooks"), ("deliveries", "Deliveries")].into_iter().chain(inspector).collect();
        view! { <Tabs label="Webhooks" path=format!("/projects/{id}/settings/webhooks") tabs/> }.into_any()
    };
    view! {
        <Transition fallback=move || tabs(false)>
            {awaited(move || async move { tabs(scope.await.and_then(Result::ok).is_some_and(|project| Project::is_admin(&project))) })}
        </Transition>
    }
    .into_any()
}

/// The data of the tab.
#[derive(Clone, Serialize, Deserialize)]
struct PageData {
    /// Whether the caller is an admin of the project.
    admin: bool,
    integration: Option<Integration>,
    webhooks: Page<Webhook>,
    recent: RecentByWebhook,
}

async fn read(project: ProjectId, cursor: Option<String>) -> Result<PageData> {
    let admin = api::projects::read_project(project).await?.is_admin();
    let integration = api::integrations::read_integration(project).await?;
    // The inbound webhook comes first.
    let webhooks = api::webhooks::list_webhooks(project, PageQuery { limit: Some(MAX_LIMIT), cursor }).await?;
    let webhooks = webhooks.map(|webhook| of_page(webhook, project));
    let ids = webhooks.items.iter().map(|webhook| webhook.id).collect();
    // If they can't be read, the page is shown without sparklines.
    let recent = api::overview::read_recent_deliveries(project, ids).await.map(by_webhook).unwrap_or_default();
    Ok(PageData { admin, integration, webhooks, recent })
}

#[component]
fn Configured(project: ProjectId) -> impl IntoView {
    let url_state = use_url_state();
    let cursor = Memo::new(move |_| url_state.param("cursor"));
    let all = PageResource::new(move || cursor.get(), move |cursor| read(project, cursor));
    view! {
        <Transition fallback=|| sections_skeleton(2)>
            {awaited(move || async move {
                match all.await {
                    Ok(data) => view! { <Sections data project cursor=cursor.get_untracked()/> }.into_any(),
                    Err(error) => view! { <PageError error what="webhooks" part=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// A webhook whose links lead to the pages of this project, which may be one of several.
fn of_page(webhook: Webhook, project: ProjectId) -> Webhook {
    Webhook { project_id: project, ..webhook }
}

/// Both sections. Each webhook updates in place; the inbound one is on the first page.
#[component]
fn Sections(data: PageData, project: ProjectId, cursor: Option<String>) -> impl IntoView {
    let PageData { admin, integration, webhooks: page, recent: first_recent } = data;
    let next = page.next_cursor;
    let (on_first_page, complete) = (cursor.is_none(), next.is_none());
    let (inbound, outbound): (Vec<_>, Vec<_>) = page
        .items
        .into_iter()
        .map(|webhook| (webhook.id, webhook))
        .partition(|(_, webhook)| webhook.direction == Direction::Inbound);
    let (inbound, outbound) = (Rows::new(inbound), Rows::new(outbound));
    let WebhooksPageContext { revealed, integration: known, recent, .. } = use_webhooks_page();
    known.set(integration);
    recent.set(first_recent);
    let off_page = move |id: WebhookId| {
        inbound.remove(id);
        outbound.remove(id);
    };
    let changed = move |webhook: Webhook| {
        if !webhook.scope.covers(project) {
            return off_page(webhook.id);
        }
        let webhook = of_page(webhook, project);
        let rows = if webhook.direction == Direction::Inbound { inbound } else { outbound };
        if complete || rows.contains(webhook.id) {
            rows.push(webhook.id, webhook);
        }
    };
    let removed = move |id: WebhookId| {
        revealed.forget(id);
        off_page(id);
    };
    let changes = move |id| inbound.changes(id).or(outbound.changes(id));
    let after = move |id: WebhookId| match outbound.next(id) {
        Some(next) => format!("card-{next}"),
        None if inbound.contains(id) => "inbound".to_owned(),
        None => "outbound".to_owned(),
    };
    let refetch_webhook = move |id: WebhookId| async move {
        loop {
            let before = changes(id);
            let read = api::webhooks::read_webhook(id).await;
            match read {
                // The user's own changes are shown already, and the response may be older.
                _ if changes(id) != before => continue,
                Ok(webhook) if webhook.scope.covers(project) => changed(of_page(webhook, project)),
                // Its projects were changed.
                Ok(webhook) => off_page(webhook.id),
                Err(Error::NotFound) => removed(id),
                _ => {}
            }
            return;
        }
    };
    // One request at a time, so that no older response overwrites a newer one.
    let waiting = StoredValue::new(Vec::new());
    let one_by_one = Refetcher::new(move || {
        Box::pin(async move {
            for id in waiting.try_update_value(std::mem::take).unwrap_or_default() {
                refetch_webhook(id).await;
            }
        })
    });
    let reading = Coalescer::new(move |ids: Vec<WebhookId>| {
        let _ = waiting.try_update_value(|waiting| waiting.extend(ids));
        one_by_one.now();
    });
    let refetch_all = move |cursor: Option<String>| async move {
        if let Ok(PageData { integration, webhooks: page, recent: fresh, .. }) = read(project, cursor).await {
            let _ = known.try_set(integration);
            let _ = recent.try_set(fresh);
            let gone = |id: &WebhookId| page.items.iter().all(|webhook| webhook.id != *id);
            inbound.ids().into_iter().chain(outbound.ids()).filter(gone).for_each(off_page);
            page.items.into_iter().for_each(changed);
        }
    };
    use_live(move |message| match message {
        LiveMessage::Changed(ChangeKind::WebhookChanged { webhook_id }) => reading.add(webhook_id),
        LiveMessage::Changed(ChangeKind::IntegrationChanged) => leptos::task::spawn_local(async move {
            if let Ok(fresh) = api::integrations::read_integration(project).await {
                let _ = known.try_set(fresh);
            }
        }),
        LiveMessage::Changed(_) => {}
        LiveMessage::Missed => leptos::task::spawn_local(refetch_all(cursor.clone())),
    });
    follow_recent(project, recent, move || inbound.ids().into_iter().chain(outbound.ids()).collect());
    let changed = Callback::new(changed);
    let changed_by_admin = admin.then_some(changed);
    let created = Callback::new(move |webhook: Webhook| outbound.push(webhook.id, webhook));
    let dialogs =
        WebhookChanges { admin, changed, created, removed: Callback::new(removed), after: Callback::new(after) };
    let add_open = use_url_state().param_untracked("add").is_some();
    view! {
        {on_first_page.then(|| view! { <Inbound rows=inbound project changed=changed_by_admin/> })}
        <Outbound rows=outbound changed=changed_by_admin next/>
        {dialog_part(add_open, Chunk::WebhookDialogs, move || chunks::webhook_dialogs(project, outbound, dialogs))}
    }
    .into_any()
}
