//! Single results. Those of a run or session are listed and added there.

use app::model::id::ResultId;
use app::service::Results;
use app::testware::result::{TestResult, UpdateResult};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Problems};
use crate::web::extract::{Body, Caller, PathId};

/// The routes of results.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, update, delete))
}

/// One result.
#[utoipa::path(get, path = "/results/{id}", tag = "Results", params(("id" = ResultId, Path)),
    responses((status = 200, body = TestResult), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ResultId>,
) -> ApiResult<Json<TestResult>> {
    Ok(Json(state.result(&actor, id).await?))
}

/// Changes a result; emits `result.updated`, and `result.issue_linked` if issues were added. 409 when its run or session
/// is completed.
#[utoipa::path(patch, path = "/results/{id}", tag = "Results", params(("id" = ResultId, Path)),
    request_body = UpdateResult, responses((status = 200, body = TestResult), Problems, Conflict))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ResultId>,
    Body(change): Body<UpdateResult>,
) -> ApiResult<Json<TestResult>> {
    Ok(Json(state.update_result(&actor, id, change).await?))
}

/// Deletes a result. The status of its case is that of the result before. Emits `result.deleted`. 409 when its run or
/// session is completed.
#[utoipa::path(delete, path = "/results/{id}", tag = "Results", params(("id" = ResultId, Path)),
    responses((status = 204), Problems, Conflict))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ResultId>,
) -> ApiResult<StatusCode> {
    state.delete_result(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
