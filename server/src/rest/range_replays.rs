//! Replays by time range.

use app::model::id::{RangeReplayId, WebhookId};
use app::model::page::{Page, PageQuery};
use app::model::range_replay::{RangeReplay, ReplayCount, ReplayRange};
use app::service::RangeReplays;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, start)).routes(routes!(count)).routes(routes!(read)).routes(routes!(stop))
}

/// The replays by time range of a webhook, newest first.
#[utoipa::path(get, path = "/webhooks/{id}/replays", tag = "Replays", params(("id" = WebhookId, Path), PageQuery),
    responses((status = 200, body = Page<RangeReplay>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<RangeReplay>>> {
    Ok(Json(state.list_range_replays(&actor, id, page).await?))
}

/// Starts a replay in the background: of exhausted deliveries whose event has not been delivered since, or of
/// events that match the webhook's subscriptions and were never sent to it. At most 100 of its deliveries wait for
/// their first attempt at a time. A webhook has one running replay at most.
#[utoipa::path(post, path = "/webhooks/{id}/replays", tag = "Replays", params(("id" = WebhookId, Path)),
    request_body = ReplayRange, responses((status = 201, body = RangeReplay), Problems, Conflict))]
async fn start(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Body(range): Body<ReplayRange>,
) -> ApiResult<Created<RangeReplay>> {
    let replay = state.start_range_replay(&actor, id, range).await?;
    Ok(Created(format!("/replays/{}", replay.id), replay))
}

/// Counts what a replay would send, without sending anything.
#[utoipa::path(get, path = "/webhooks/{id}/replays/count", tag = "Replays",
    params(("id" = WebhookId, Path), ReplayRange), responses((status = 200, body = ReplayCount), Problems))]
async fn count(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<WebhookId>,
    Params(range): Params<ReplayRange>,
) -> ApiResult<Json<ReplayCount>> {
    Ok(Json(state.count_range_replay(&actor, id, range).await?))
}

/// One replay with its progress.
#[utoipa::path(get, path = "/replays/{id}", tag = "Replays", params(("id" = RangeReplayId, Path)),
    responses((status = 200, body = RangeReplay), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RangeReplayId>,
) -> ApiResult<Json<RangeReplay>> {
    Ok(Json(state.range_replay(&actor, id).await?))
}

/// Stops a replay. What it queued and is not sent yet is cancelled in the background.
#[utoipa::path(post, path = "/replays/{id}/stop", tag = "Replays", params(("id" = RangeReplayId, Path)),
    responses((status = 200, body = RangeReplay), Problems, Conflict))]
async fn stop(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RangeReplayId>,
) -> ApiResult<Json<RangeReplay>> {
    Ok(Json(state.stop_range_replay(&actor, id).await?))
}
