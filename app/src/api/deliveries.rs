//! Deliveries of both directions.

use leptos::prelude::*;
use server_fn::codec::GetUrl;

use super::Text;
#[cfg(feature = "ssr")]
use super::{caller, told};
use crate::error::Result;
use crate::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery};
use crate::model::id::{DeliveryId, ProjectId};
use crate::model::page::Page;

/// The deliveries of a project, the newest first.
#[server(prefix = "/ui", endpoint = "deliveries/list", input = GetUrl, output = Text)]
pub async fn list_deliveries(project: ProjectId, #[server(default)] query: DeliveryQuery) -> Result<Page<Delivery>> {
    let (service, actor) = caller()?;
    told(service.list_deliveries(&actor, project, query).await)
}

/// One delivery with its attempts.
#[server(prefix = "/ui", endpoint = "deliveries/get", input = GetUrl, output = Text)]
pub async fn read_delivery(id: DeliveryId) -> Result<DeliveryDetail> {
    let (service, actor) = caller()?;
    told(service.delivery(&actor, id).await)
}
