//! Deliveries of both directions.

use app::model::delivery::{
    ChangedDeliveries, Delivery, DeliveryCount, DeliveryDetail, DeliveryQuery, DeliverySelection, ManualAction,
    ReplayDeliveries, ReplayResult,
};
use app::model::id::{DeliveryId, ProjectId};
use app::model::page::Page;
use app::model::replay_filter::ReplayFilter;
use app::service::Deliveries;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Missing, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(count))
        .routes(routes!(read))
        .routes(routes!(replay))
        .routes(routes!(replay_selected))
        .routes(routes!(replay_filtered))
        .routes(routes!(retry))
        .routes(routes!(retry_selected))
        .routes(routes!(cancel))
        .routes(routes!(cancel_selected))
}

/// The project's deliveries, newest first.
#[utoipa::path(get, path = "/projects/{id}/deliveries", tag = "Deliveries",
    params(("id" = ProjectId, Path), DeliveryQuery), responses((status = 200, body = Page<Delivery>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<DeliveryQuery>,
) -> ApiResult<Json<Page<Delivery>>> {
    Ok(Json(state.list_deliveries(&actor, project, query).await?))
}

/// The number of the project's deliveries that match the filters, up to 10,000.
#[utoipa::path(get, path = "/projects/{id}/deliveries/count", tag = "Deliveries",
    params(("id" = ProjectId, Path), DeliveryQuery), responses((status = 200, body = DeliveryCount), Problems))]
async fn count(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<DeliveryQuery>,
) -> ApiResult<Json<DeliveryCount>> {
    Ok(Json(state.count_deliveries(&actor, project, query).await?))
}

/// One delivery with every attempt.
#[utoipa::path(get, path = "/deliveries/{id}", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = DeliveryDetail), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> ApiResult<Json<DeliveryDetail>> {
    Ok(Json(state.delivery(&actor, id).await?))
}

/// Sends the payload of an outbound delivery again, with the same `webhook-id`, as a new delivery.
#[utoipa::path(post, path = "/deliveries/{id}/replay", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 201, body = Delivery), Problems, Conflict))]
async fn replay(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> ApiResult<Created<Delivery>> {
    let delivery = state.replay_delivery(&actor, id).await?;
    Ok(Created(format!("/deliveries/{}", delivery.id), delivery))
}

/// Replays 1 to 100 deliveries of one project. More are refused as a whole; inbound ones are
/// skipped.
#[utoipa::path(post, path = "/deliveries/replay", tag = "Deliveries", request_body = ReplayDeliveries,
    responses((status = 200, body = ReplayResult), Problems, Conflict, Missing))]
async fn replay_selected(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(selected): Body<ReplayDeliveries>,
) -> ApiResult<Json<ReplayResult>> {
    Ok(Json(state.replay_deliveries(&actor, selected.ids).await?))
}

/// Replays all deliveries that match a filter, or every delivery with `all: true`. Deliveries of
/// deleted webhooks are skipped.
#[utoipa::path(post, path = "/projects/{id}/deliveries/replay", tag = "Deliveries",
    params(("id" = ProjectId, Path)), request_body = ReplayFilter,
    responses((status = 200, body = ReplayResult), Problems, Conflict))]
async fn replay_filtered(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(filter): Body<ReplayFilter>,
) -> ApiResult<Json<ReplayResult>> {
    Ok(Json(state.replay_filtered(&actor, project, filter).await?))
}

/// Makes the next attempt of a pending, failed or exhausted delivery now. It is another attempt of the
/// same delivery; a replay is a new delivery. If it fails, an exhausted delivery is exhausted again.
#[utoipa::path(post, path = "/deliveries/{id}/retry", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), Problems, Conflict))]
async fn retry(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> ApiResult<Json<Delivery>> {
    Ok(Json(state.change_delivery(&actor, id, ManualAction::Retry).await?))
}

/// Retries 1 to 100 deliveries of one project. Those that can't be retried are skipped.
#[utoipa::path(post, path = "/deliveries/retry", tag = "Deliveries", request_body = DeliverySelection,
    responses((status = 200, body = ChangedDeliveries), Problems, Missing))]
async fn retry_selected(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(selected): Body<DeliverySelection>,
) -> ApiResult<Json<ChangedDeliveries>> {
    Ok(Json(state.change_deliveries(&actor, selected.ids, ManualAction::Retry).await?))
}

/// Cancels a pending, failed or held delivery.
#[utoipa::path(post, path = "/deliveries/{id}/cancel", tag = "Deliveries", params(("id" = DeliveryId, Path)),
    responses((status = 200, body = Delivery), Problems, Conflict))]
async fn cancel(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<DeliveryId>,
) -> ApiResult<Json<Delivery>> {
    Ok(Json(state.change_delivery(&actor, id, ManualAction::Cancel).await?))
}

/// Cancels 1 to 100 deliveries of one project. Those that can't be cancelled are skipped.
#[utoipa::path(post, path = "/deliveries/cancel", tag = "Deliveries", request_body = DeliverySelection,
    responses((status = 200, body = ChangedDeliveries), Problems, Missing))]
async fn cancel_selected(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(selected): Body<DeliverySelection>,
) -> ApiResult<Json<ChangedDeliveries>> {
    Ok(Json(state.change_deliveries(&actor, selected.ids, ManualAction::Cancel).await?))
}
