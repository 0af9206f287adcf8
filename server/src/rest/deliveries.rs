//! Deliveries of both directions.

use app::model::delivery::{Delivery, DeliveryDetail, DeliveryQuery, ReplayDeliveries, Replayed};
use app::model::id::{DeliveryId, ProjectId};
use app::model::page::Page;
use app::service::Deliveries;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(replay))
        .routes(routes!(replay_selected))
        .routes(routes!(replay_filtered))
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

/// Sends an outbound delivery's payload again, with the same `webhook-id`, as a new delivery.
#[utoipa::path(post, path = "/deliveries/{id}/replay", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 201, body = Delivery), Problems))]
async fn replay(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> Answer<Created<Delivery>> {
    let delivery = core.replay_delivery(&actor, id).await?;
    Ok(Created(format!("/deliveries/{}", delivery.id), delivery))
}

/// Replays 1 to 100 deliveries of one project; more are refused as a whole, inbound ones left out.
#[utoipa::path(post, path = "/deliveries/replay", tag = "Deliveries", request_body = ReplayDeliveries,
    responses((status = 200, body = Replayed), Problems))]
async fn replay_selected(
    State(core): State<Core>,
    Caller(actor): Caller,
    Body(selected): Body<ReplayDeliveries>,
) -> Answer<Json<Replayed>> {
    Ok(Json(core.replay_deliveries(&actor, selected.ids).await?))
}

/// Replays all that a filter finds, under the same rules but that deliveries of deleted webhooks are
/// left out; `limit` and `cursor` are not looked at.
#[utoipa::path(post, path = "/projects/{id}/deliveries/replay", tag = "Deliveries",
    params(("id" = ProjectId, Path)), request_body = DeliveryQuery,
    responses((status = 200, body = Replayed), Problems))]
async fn replay_filtered(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(filter): Body<DeliveryQuery>,
) -> Answer<Json<Replayed>> {
    Ok(Json(core.replay_filtered(&actor, project, filter).await?))
}
