//! Deliveries of both directions.

use leptos::prelude::*;
use server_fn::codec::{GetUrl, Json, PostUrl};

use super::page_call::PageCall;

#[cfg(feature = "ssr")]
use super::{authenticated, with_status};
use crate::error::Result;
use crate::model::delivery::{
    ChangedDeliveries, Delivery, DeliveryCount, DeliveryPage, DeliveryQuery, ManualAction, ReplayResult,
};
use crate::model::id::{DeliveryId, ProjectId};
use crate::model::page::{Page, PageQuery};
#[cfg(feature = "ssr")]
use crate::model::replay_filter::ReplayFilter;
use crate::model::webhook::DeletedWebhook;

/// Lists the deliveries of a project, newest first.
#[server(prefix = "/ui", endpoint = "deliveries/list", protocol = PageCall<GetUrl>)]
pub async fn list_deliveries(project: ProjectId, #[server(default)] query: DeliveryQuery) -> Result<Page<Delivery>> {
    let (service, actor) = authenticated()?;
    with_status(service.list_deliveries(&actor, project, query).await)
}

/// Counts the deliveries that match the filters.
#[server(prefix = "/ui", endpoint = "deliveries/count", protocol = PageCall<GetUrl>)]
pub async fn count_deliveries(project: ProjectId, #[server(default)] query: DeliveryQuery) -> Result<DeliveryCount> {
    let (service, actor) = authenticated()?;
    with_status(service.count_deliveries(&actor, project, query).await)
}

/// Lists the deleted webhooks that still have deliveries, newest first.
#[server(prefix = "/ui", endpoint = "deliveries/deleted-webhooks", protocol = PageCall<GetUrl>)]
pub async fn deleted_webhooks(project: ProjectId, #[server(default)] page: PageQuery) -> Result<Page<DeletedWebhook>> {
    let (service, actor) = authenticated()?;
    with_status(service.deleted_webhooks(&actor, project, page).await)
}

/// One delivery with its attempts.
#[server(prefix = "/ui", endpoint = "deliveries/get", protocol = PageCall<GetUrl>)]
pub async fn read_delivery(id: DeliveryId) -> Result<DeliveryPage> {
    let (service, actor) = authenticated()?;
    with_status(service.delivery(&actor, id).await).map(DeliveryPage::from)
}

/// Replays a delivery.
#[server(prefix = "/ui", endpoint = "deliveries/replay", protocol = PageCall<PostUrl>)]
pub async fn replay_delivery(id: DeliveryId) -> Result<Delivery> {
    let (service, actor) = authenticated()?;
    with_status(service.replay_delivery(&actor, id).await)
}

/// Replays several deliveries.
#[server(prefix = "/ui", endpoint = "deliveries/replay-selected", protocol = PageCall<Json>)]
pub async fn replay_deliveries(ids: Vec<DeliveryId>) -> Result<ReplayResult> {
    let (service, actor) = authenticated()?;
    with_status(service.replay_deliveries(&actor, ids).await)
}

/// Replays all deliveries that match a filter.
#[server(prefix = "/ui", endpoint = "deliveries/replay-filtered", protocol = PageCall<Json>)]
pub async fn replay_filtered(project: ProjectId, filter: DeliveryQuery) -> Result<ReplayResult> {
    let (service, actor) = authenticated()?;
    with_status(service.replay_filtered(&actor, project, ReplayFilter::listed_by(filter)).await)
}

/// Retries or cancels a delivery.
#[server(prefix = "/ui", endpoint = "deliveries/change", protocol = PageCall<PostUrl>)]
pub async fn change_delivery(id: DeliveryId, action: ManualAction) -> Result<Delivery> {
    let (service, actor) = authenticated()?;
    with_status(service.change_delivery(&actor, id, action).await)
}

/// Retries or cancels several deliveries.
#[server(prefix = "/ui", endpoint = "deliveries/change-selected", protocol = PageCall<Json>)]
pub async fn change_deliveries(ids: Vec<DeliveryId>, action: ManualAction) -> Result<ChangedDeliveries> {
    let (service, actor) = authenticated()?;
    with_status(service.change_deliveries(&actor, ids, action).await)
}
