//! Deliveries of both directions.

use app::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery};
use app::model::id::{DeliveryId, ProjectId};
use app::model::page::Page;
use app::service::Deliveries;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Problems};
use super::extract::{Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// The project's deliveries, the newest first.
#[utoipa::path(get, path = "/projects/{id}/deliveries", tag = "Deliveries",
    params(("id" = ProjectId, Path), DeliveryQuery), responses((status = 200, body = Page<Delivery>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<DeliveryQuery>,
) -> Answer<Json<Page<Delivery>>> {
    Ok(Json(core.list_deliveries(&actor, project, query).await?))
}

/// One delivery with every attempt.
#[utoipa::path(get, path = "/deliveries/{id}", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = DeliveryDetail), Problems))]
async fn read(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> Answer<Json<DeliveryDetail>> {
    Ok(Json(core.delivery(&actor, id).await?))
}
