//! Reports of runs, plans and milestones.

use app::service::Reports;
use app::testware::milestone::MilestoneId;
use app::testware::plan::PlanId;
use app::testware::report::Report;
use app::testware::run::RunId;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Problems};
use crate::web::extract::{Caller, PathId};

/// The routes of reports.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(run)).routes(routes!(plan)).routes(routes!(milestone))
}

/// The report of a run: its results by time and tester, its cases by suite, and its flaky and slowest cases.
#[utoipa::path(get, path = "/runs/{id}/report", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 200, body = Report), Problems))]
async fn run(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> ApiResult<Json<Report>> {
    Ok(Json(state.report(&actor, id.into()).await?))
}

/// The same for all runs of a test plan.
#[utoipa::path(get, path = "/plans/{id}/report", tag = "Test plans", params(("id" = PlanId, Path)),
    responses((status = 200, body = Report), Problems))]
async fn plan(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<PlanId>,
) -> ApiResult<Json<Report>> {
    Ok(Json(state.report(&actor, id.into()).await?))
}

/// The same for all runs and sessions of a milestone.
#[utoipa::path(get, path = "/milestones/{id}/report", tag = "Milestones", params(("id" = MilestoneId, Path)),
    responses((status = 200, body = Report), Problems))]
async fn milestone(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<MilestoneId>,
) -> ApiResult<Json<Report>> {
    Ok(Json(state.report(&actor, id.into()).await?))
}
