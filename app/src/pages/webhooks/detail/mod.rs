//! `/projects/{id}/settings/webhooks/{webhook}`: one webhook, with its health over time, its configuration
//! and its latest deliveries. It shares the dialogs of the Webhooks page.

mod chart;
mod configuration;
mod field_editor;
mod head;
mod latest;
mod replays;
mod retries;
mod statistics;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::condition_fields::TriedOn;
use super::confirm::{ConfirmRequest, WebhookAction};
use super::context::{WebhooksPageContext, use_webhooks_page};
use super::dialogs::WebhookChanges;
use super::links::{webhook_path, webhooks_path};
use super::of_page;
use super::reveal::Revealed;
use crate::api;
use crate::chunks::{self, Chunk};
use crate::components::dynamic::dynamic;
use crate::components::hydration::use_hydrated;
use crate::components::icon::{Icon, icon};
use crate::components::lazy_part::deferred_part;
use crate::error::{Error, Result};
use crate::layout::use_project;
use crate::live::{Rows, use_refetcher};
use crate::model::condition::{TriedConditions, TryConditions};
use crate::model::delivery::{Delivery, DeliveryQuery};
use crate::model::id::{ProjectId, WebhookId};
use crate::model::integration::Integration;
use crate::model::live::ChangeKind;
use crate::model::range_replay::{RangeReplay, RangeReplayStatus};
use crate::model::webhook::{Direction, Webhook};
use crate::model::webhook_stats::{StatsPeriod, WebhookStats};
use crate::pages::item_page::item_page;
use crate::url_state::use_url_state;
use configuration::configuration;
use head::head;
use latest::latest;
use replays::{LATEST_REPLAYS, replays};
use retries::retries;
use statistics::statistics;

/// The data of the page.
#[derive(Clone, Serialize, Deserialize)]
struct PageData {
    webhook: Webhook,
    integration: Option<Integration>,
    /// `None` for an inbound webhook, or if they can't be read.
    stats: Option<WebhookStats>,
    latest: Vec<Delivery>,
    /// What its conditions match; `None` without conditions and for members.
    tried: Option<TriedConditions>,
    replays: Vec<RangeReplay>,
}

/// The number of deliveries on the page.
const LATEST_DELIVERIES: u32 = 10;

async fn read(project: ProjectId, id: WebhookId, period: StatsPeriod) -> Result<PageData> {
    api::projects::read_project(project).await?;
    let webhook = api::webhooks::read_webhook(id).await?;
    if !webhook.scope.covers(project) {
        return Err(Error::NotFound);
    }
    let webhook = of_page(webhook, project);
    let integration = match webhook.direction {
        Direction::Inbound => api::integrations::read_integration(project).await?,
        Direction::Outbound => None,
    };
    let stats = match webhook.direction {
        Direction::Inbound => None,
        Direction::Outbound => api::webhook_activity::read_webhook_stats(id, period).await.ok(),
    };
    let latest = read_latest(project, id).await.unwrap_or_default();
    let tried = read_tried(&webhook).await;
    let replays = match webhook.direction {
        Direction::Inbound => Vec::new(),
        Direction::Outbound => api::range_replays::list_replays(id, LATEST_REPLAYS).await.unwrap_or_default(),
    };
    Ok(PageData { webhook, integration, stats, latest, tried, replays })
}

async fn read_tried(webhook: &Webhook) -> Option<TriedConditions> {
    if !webhook.scope.can_manage || webhook.conditions.rules.is_empty() {
        return None;
    }
    let scope = Some(TriedOn::of_webhook(webhook).scope);
    let tried = TryConditions { conditions: webhook.conditions.clone(), events: webhook.events.clone(), scope };
    api::webhook_content::read_tried_conditions(webhook.project_id, tried).await.ok()
}

async fn read_latest(project: ProjectId, id: WebhookId) -> Result<Vec<Delivery>> {
    let query = DeliveryQuery { webhook_id: Some(id), limit: Some(LATEST_DELIVERIES), ..DeliveryQuery::default() };
    Ok(api::deliveries::list_deliveries(project, query).await?.items)
}

#[component]
pub fn WebhookDetail() -> impl IntoView {
    let project = use_project();
    let (params, url_state) = (use_params_map(), use_url_state());
    WebhooksPageContext::provide();
    let address = Memo::new(move |_| {
        let id = params.with(|params| params.get("webhook").and_then(|text| text.parse::<WebhookId>().ok()))?;
        Some((id, url_state.parsed("period").unwrap_or(StatsPeriod::Day)))
    });
    view! {
        <Revealed project/>
        {item_page(address, move |(id, period)| read(project, id, period), move |(_, period), data| {
            view! { <Detail data period project/> }.into_any()
        })}
    }
}

#[component]
fn Detail(data: PageData, period: StatsPeriod, project: ProjectId) -> impl IntoView {
    let PageData { webhook, integration, stats, latest: first_latest, tried, replays: first_replays } = data;
    let (id, direction) = (webhook.id, webhook.direction);
    let context = use_webhooks_page();
    let (url_state, hydrated) = (use_url_state(), use_hydrated());
    context.integration.set(integration);
    let (shown, tried) = (RwSignal::new(webhook.clone()), RwSignal::new(tried));
    let (deleted, deliveries, counted) = (RwSignal::new(false), RwSignal::new(first_latest), RwSignal::new(stats));
    let shown_replays = RwSignal::new(first_replays);
    let read_replays = move || async move {
        if direction == Direction::Outbound
            && let Ok(fresh) = api::range_replays::list_replays(id, LATEST_REPLAYS).await
        {
            let _ = shown_replays.try_set(fresh);
        }
    };
    // The dialogs change the rows of a list.
    let rows = Rows::new([(id, webhook)]);
    let changed = move |webhook: Webhook| {
        if !webhook.scope.covers(project) {
            return url_state.go(webhooks_path(project));
        }
        let webhook = of_page(webhook, project);
        rows.change(id, webhook.clone());
        let _ = shown.try_set(webhook);
    };
    // The conditions are tried again only when they, the events or the right to try them change, because every delivery
    // changes the webhook.
    let filter_of = |webhook: &Webhook| (webhook.conditions.clone(), webhook.events.clone(), webhook.scope.can_manage);
    let tried_with = StoredValue::new(shown.with_untracked(filter_of));
    use_refetcher(
        move |change| matches!(change, ChangeKind::WebhookChanged { webhook_id } if *webhook_id == id),
        move || {
            Box::pin(async move {
                match api::webhooks::read_webhook(id).await {
                    Ok(webhook) => {
                        let is_other = tried_with.try_get_value().is_some_and(|known| known != filter_of(&webhook));
                        if is_other {
                            let _ = tried_with.try_set_value(filter_of(&webhook));
                            let _ = tried.try_set(read_tried(&webhook).await);
                        }
                        changed(webhook);
                    }
                    Err(Error::NotFound) => {
                        let _ = deleted.try_set(true);
                    }
                    Err(_) => {}
                }
                read_replays().await;
            })
        },
    );
    use_refetcher(
        move |change| matches!(change, ChangeKind::DeliveryChanged { webhook_id, .. } if *webhook_id == id),
        move || {
            Box::pin(async move {
                if let Ok(fresh) = read_latest(project, id).await {
                    let _ = deliveries.try_set(fresh);
                }
                if direction == Direction::Outbound
                    && let Ok(fresh) = api::webhook_activity::read_webhook_stats(id, period).await
                {
                    let _ = counted.try_set(Some(fresh));
                }
                // Its deliveries are its progress.
                if shown_replays.try_with_untracked(|shown| shown.iter().any(has_progress)).unwrap_or_default() {
                    read_replays().await;
                }
                gloo_timers::future::TimeoutFuture::new(REFRESH_PAUSE_MS).await;
            })
        },
    );
    let webhook = Signal::from(shown);
    let changed = Callback::new(changed);
    let removed = Callback::new(move |_: WebhookId| url_state.go(webhooks_path(project)));
    let after = Callback::new(|_: WebhookId| "outbound".to_owned());
    // The page of the copy, where its secret is shown.
    let created = Callback::new(move |copy: Webhook| url_state.go(webhook_path(&copy)));
    let delete = move |_| {
        context.confirm(ConfirmRequest { action: WebhookAction::Delete, webhook: webhook.get_untracked() });
    };
    // Not what it was when the page was opened: another admin may add a project that the user doesn't administer, or
    // make the user an admin.
    let manages = Memo::new(move |_| webhook.with(|webhook| webhook.scope.can_manage));
    let content = move || {
        let admin = manages.get();
        let changed_by_admin = admin.then_some(changed);
        let dialogs = WebhookChanges { admin, changed, created, removed, after };
        let danger = admin.then(|| {
            view! {
                <section class="card danger-zone">
                    <h2>"Danger zone"</h2>
                    <p class="hint">{delete_hint(direction)}</p>
                    <button type="button" class="button danger needs-hydration" disabled=dynamic_disabled(hydrated) on:click=delete>"Delete webhook"</button>
                </section>
            }
        });
        view! {
            {head(webhook, changed_by_admin, deleted)}
            {(direction == Direction::Outbound).then(|| statistics(counted.into(), period))}
            {replays(shown_replays, admin)}
            <div class="webhook-columns">
                {configuration(webhook, changed_by_admin, tried.into())}
                {(direction == Direction::Outbound).then(|| retries(webhook, admin))}
            </div>
            {latest(webhook, deliveries.into())}
            {danger}
            {deferred_part(Chunk::WebhookDialogs, move || chunks::webhook_dialogs(project, rows, dialogs))}
        }
    };
    dynamic(content)
}

/// Whether its counts may change.
fn has_progress(replay: &RangeReplay) -> bool {
    replay.status != RangeReplayStatus::Stopped && (replay.status.is_open() || replay.waiting > 0)
}

/// A burst of deliveries in this time causes one request.
const REFRESH_PAUSE_MS: u32 = 1_000;

const fn delete_hint(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "Its URL stops accepting events.",
        Direction::Outbound => "Pending deliveries are cancelled.",
    }
}

fn dynamic_disabled(hydrated: Signal<bool>) -> Box<dyn FnMut() -> bool + Send> {
    crate::components::dynamic::dynamic_value(move || !hydrated.get())
}

/// The notice that the webhook was deleted by somebody else.
fn deleted_notice(deleted: RwSignal<bool>) -> AnyView {
    dynamic(move || {
        deleted.get().then(|| view! {
            <p class="note warn spaced">{icon(Icon::Warning)}<span>"This webhook was deleted. This is its last version."</span></p>
        })
    })
    .into_any()
}
