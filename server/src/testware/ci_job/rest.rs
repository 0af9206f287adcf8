//! CI jobs.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::{CiJobs, Testware};
use app::testware::ci_job::{CiJob, CiJobId, CiJobQuery, CompleteCiJob, CreateCiJob, UpdateCiJob};
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::SubjectRoutes;
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for CiJob {
    fn routes() -> OpenApiRouter<AppState> {
        OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, update)).routes(routes!(complete))
    }
}

/// The project's CI jobs, newest first.
#[utoipa::path(get, path = "/projects/{id}/ci-jobs", tag = "CI jobs",
    params(("id" = ProjectId, Path), CiJobQuery),
    responses((status = 200, body = Page<CiJob>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<CiJobQuery>,
) -> ApiResult<Json<Page<CiJob>>> {
    Ok(Json(Testware::<CiJob>::list(&state, &actor, project, query).await?))
}

/// Queues a CI job; emits `ci_job.queued`, which tells the CI system to start it.
#[utoipa::path(post, path = "/projects/{id}/ci-jobs", tag = "CI jobs", params(("id" = ProjectId, Path)),
    request_body = CreateCiJob, responses((status = 201, body = CiJob), Problems))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateCiJob>,
) -> ApiResult<Created<CiJob>> {
    let job = Testware::<CiJob>::create(&state, &actor, project, new).await?;
    Ok(Created(format!("/ci-jobs/{}", job.id), job))
}

/// One CI job.
#[utoipa::path(get, path = "/ci-jobs/{id}", tag = "CI jobs", params(("id" = CiJobId, Path)),
    responses((status = 200, body = CiJob), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CiJobId>,
) -> ApiResult<Json<CiJob>> {
    Ok(Json(Testware::<CiJob>::read(&state, &actor, id).await?))
}

/// Changes a CI job that is not completed, e.g. once it runs; emits no event.
#[utoipa::path(patch, path = "/ci-jobs/{id}", tag = "CI jobs", params(("id" = CiJobId, Path)),
    request_body = UpdateCiJob, responses((status = 200, body = CiJob), Problems, Conflict))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CiJobId>,
    Body(change): Body<UpdateCiJob>,
) -> ApiResult<Json<CiJob>> {
    Ok(Json(CiJobs::update_ci_job(&state, &actor, id, change).await?))
}

/// Completes a CI job with its outcome; emits `ci_job.completed`. 409 when it is already completed.
#[utoipa::path(post, path = "/ci-jobs/{id}/complete", tag = "CI jobs", params(("id" = CiJobId, Path)),
    request_body = CompleteCiJob, responses((status = 200, body = CiJob), Problems, Conflict))]
async fn complete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CiJobId>,
    Body(complete): Body<CompleteCiJob>,
) -> ApiResult<Json<CiJob>> {
    Ok(Json(CiJobs::complete_ci_job(&state, &actor, id, complete).await?))
}
