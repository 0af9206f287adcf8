//! `/projects/{id}/settings/webhooks`: the webhooks of both directions; under `?tab=deliveries`
//! what they received and sent.
//!
//! Each webhook has a card. What the cards ask for goes over the [`desk`] of the page, which has one
//! dialog of each kind for all of them, and keeps what is revealed once: whatever is read again
//! meanwhile, it stays until it is dismissed. A member reads the same webhooks on cards without deeds.

mod ask;
mod azure;
mod card;
mod create;
mod desk;
mod edit;
mod explain;
mod health;
mod inbound;
mod outbound;
mod picker;
mod read_only;
mod retiring;
mod reveal;
mod send_test;
mod subscriptions;
mod switches;
mod url_field;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_meta::Title;

use super::deliveries::Deliveries;
use crate::api;
use crate::components::failure::PageError;
use crate::components::skeleton::Skeleton;
use crate::components::tabs::Tabs;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::live::{Gather, Heard, Reread, Rows, use_live};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::Integration;
use crate::model::live::What;
use crate::model::page::{MAX_LIMIT, Page, PageQuery};
use crate::model::webhook::{Direction, Health, Webhook};
use crate::place::use_place;
use ask::AskDialog;
use desk::{Desk, use_desk};
use edit::EditDialog;
use inbound::Inbound;
use outbound::Outbound;
use read_only::ReadOnly;
use reveal::Revealed;

/// See the [module](self).
#[component]
pub fn Webhooks() -> impl IntoView {
    let id = use_project();
    let place = use_place();
    Desk::provide();
    let on_deliveries = Memo::new(move |_| place.param("tab").as_deref() == Some("deliveries"));
    view! {
        <Title text="Webhooks"/>
        <header class="page-head">
            <div>
                <h1>"Webhooks"</h1>
                <p class="lead">"Receive issue changes from your tracker, and send test events to your tools."</p>
            </div>
        </header>
        <Tabs label="Webhooks" path=format!("/projects/{id}/settings/webhooks") tabs=vec![("", "Webhooks"), ("deliveries", "Deliveries")]/>
        <Revealed project=id/>
        <Show when=move || on_deliveries.get() fallback=move || view! { <Configured project=id/> }>
            <Deliveries project=id/>
        </Show>
    }
}

/// All that a page of the tab shows, read at once.
async fn read(project: ProjectId, cursor: Option<String>) -> Result<(bool, Option<Integration>, Page<Webhook>)> {
    let admin = api::projects::read_project(project).await?.is_admin();
    let integration = api::integrations::read_integration(project).await?;
    // The inbound webhook comes first.
    let webhooks = api::webhooks::list_webhooks(project, PageQuery { limit: Some(MAX_LIMIT), cursor }).await?;
    Ok((admin, integration, webhooks))
}

#[component]
fn Configured(project: ProjectId) -> impl IntoView {
    let place = use_place();
    let cursor = Memo::new(move |_| place.param("cursor"));
    let all = Resource::new(move || cursor.get(), move |cursor| read(project, cursor));
    view! {
        <Transition fallback=|| view! { <Skeleton lines=8/> }>
            {move || Suspend::new(async move {
                match all.await {
                    Ok((admin, integration, page)) => {
                        view! { <Sections admin integration page project cursor=cursor.get_untracked()/> }.into_any()
                    }
                    Err(error) => view! { <PageError error part=true/> }.into_any(),
                }
            })}
        </Transition>
        <explain::ExplainDialog/>
    }
}

/// Both sections; each webhook changes in place. The inbound one stands on the first page.
#[component]
fn Sections(
    /// Whether the person configures the project.
    admin: bool,
    integration: Option<Integration>,
    page: Page<Webhook>,
    project: ProjectId,
    cursor: Option<String>,
) -> impl IntoView {
    let next = page.next_cursor;
    let (on_first_page, complete) = (cursor.is_none(), next.is_none());
    let (inbound, outbound): (Vec<_>, Vec<_>) = page
        .items
        .into_iter()
        .map(|webhook| (webhook.id, webhook))
        .partition(|(_, webhook)| webhook.direction == Direction::Inbound);
    let (inbound, outbound) = (Rows::new(inbound), Rows::new(outbound));
    let Desk { revealed, integration: known, .. } = use_desk();
    known.set(integration);
    let changed = move |webhook: Webhook| {
        let rows = if webhook.direction == Direction::Inbound { inbound } else { outbound };
        if complete || rows.contains(webhook.id) {
            rows.push(webhook.id, webhook);
        }
    };
    let off_page = move |id: WebhookId| {
        inbound.remove(id);
        outbound.remove(id);
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
    let reread = move |id: WebhookId| async move {
        loop {
            let before = changes(id);
            let read = api::webhooks::read_webhook(id).await;
            match read {
                // What was done here meanwhile shows already: what was read may be older than that.
                _ if changes(id) != before => continue,
                Ok(webhook) if webhook.project_id == project => changed(webhook),
                Err(Error::NotFound) => removed(id),
                _ => {}
            }
            return;
        }
    };
    // One after the other: an answer that overtakes a later one would show what was.
    let waiting = StoredValue::new(BTreeSet::new());
    let one_by_one = Reread::new(move || {
        Box::pin(async move {
            for id in waiting.try_update_value(std::mem::take).unwrap_or_default() {
                reread(id).await;
            }
        })
    });
    let reading = Gather::new(move |ids: Vec<WebhookId>| {
        let _ = waiting.try_update_value(|waiting| waiting.extend(ids));
        one_by_one.now();
    });
    let reread_all = move |cursor: Option<String>| async move {
        if let Ok((_, fresh, page)) = read(project, cursor).await {
            let _ = known.try_set(fresh);
            let gone = |id: &WebhookId| page.items.iter().all(|webhook| webhook.id != *id);
            inbound.ids().into_iter().chain(outbound.ids()).filter(gone).for_each(off_page);
            page.items.into_iter().for_each(changed);
        }
    };
    use_live(move |heard| match heard {
        Heard::Changed(What::WebhookChanged { webhook_id }) => reading.add(webhook_id),
        // What a disabled webhook holds grows with each delivery, and shrinks with each afterwards.
        Heard::Changed(What::DeliveryChanged { webhook_id, .. }) if holds(outbound, webhook_id) => {
            reading.add(webhook_id);
        }
        Heard::Changed(What::IntegrationChanged) => leptos::task::spawn_local(async move {
            if let Ok(fresh) = api::integrations::read_integration(project).await {
                let _ = known.try_set(fresh);
            }
        }),
        Heard::Changed(_) => {}
        Heard::Missed => leptos::task::spawn_local(reread_all(cursor.clone())),
    });
    if !admin {
        return view! { <ReadOnly inbound outbound on_first_page next/> }.into_any();
    }
    let changed = Callback::new(changed);
    view! {
        {on_first_page.then(|| view! { <Inbound rows=inbound project changed/> })}
        <Outbound rows=outbound project changed next/>
        <AskDialog changed removed after/>
        <EditDialog changed/>
    }
    .into_any()
}

fn holds(rows: Rows<WebhookId, Webhook>, id: WebhookId) -> bool {
    rows.is(id, |webhook| webhook.health == Health::Disabled || webhook.held > 0)
}
