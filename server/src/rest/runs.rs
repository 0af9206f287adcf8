//! Test runs and their results.

use app::model::id::{IssueId, ProjectId, RunId};
use app::model::page::{Page, PageQuery};
use app::model::test_run::{CreateRun, RunCase, TestRun, UpdateRun};
use app::model::testware::{AddResult, TestResult, WorkQuery};
use app::service::Runs;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Created, Problems};
use super::extract::{Body, Caller, Params, PathId};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
        .routes(routes!(duplicate))
        .routes(routes!(complete))
        .routes(routes!(cases))
        .routes(routes!(results, add_result))
        .routes(routes!(of_issue))
}

/// The project's test runs, the newest first.
#[utoipa::path(get, path = "/projects/{id}/runs", tag = "Test runs", params(("id" = ProjectId, Path), WorkQuery),
    responses((status = 200, body = Page<TestRun>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<WorkQuery>,
) -> Answer<Json<Page<TestRun>>> {
    Ok(Json(core.list_runs(&actor, project, query).await?))
}

/// Makes a test run; emits `test_run.created`.
#[utoipa::path(post, path = "/projects/{id}/runs", tag = "Test runs", params(("id" = ProjectId, Path)),
    request_body = CreateRun, responses((status = 201, body = TestRun), Problems))]
async fn create(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateRun>,
) -> Answer<Created<TestRun>> {
    let run = core.create_run(&actor, project, new).await?;
    Ok(Created(format!("/runs/{}", run.id), run))
}

/// One test run.
#[utoipa::path(get, path = "/runs/{id}", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 200, body = TestRun), Problems))]
async fn read(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<RunId>) -> Answer<Json<TestRun>> {
    Ok(Json(core.run(&actor, id).await?))
}

/// Changes a run that is not completed; emits `test_run.updated` if name, description or cases
/// changed, and `test_run.state_changed` if the state did.
#[utoipa::path(patch, path = "/runs/{id}", tag = "Test runs", params(("id" = RunId, Path)),
    request_body = UpdateRun, responses((status = 200, body = TestRun), Problems))]
async fn update(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Body(change): Body<UpdateRun>,
) -> Answer<Json<TestRun>> {
    Ok(Json(core.update_run(&actor, id, change).await?))
}

/// Deletes a test run; emits `test_run.deleted`.
#[utoipa::path(delete, path = "/runs/{id}", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 204), Problems))]
async fn delete(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<RunId>) -> Answer<StatusCode> {
    core.delete_run(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a copy of a test run in state `new`, with its cases and without its results; emits `test_run.duplicated`.
#[utoipa::path(post, path = "/runs/{id}/duplicate", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 201, body = TestRun), Problems))]
async fn duplicate(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> Answer<Created<TestRun>> {
    let run = core.duplicate_run(&actor, id).await?;
    Ok(Created(format!("/runs/{}", run.id), run))
}

/// Completes a run, in whatever state; emits `test_run.completed`. 409 when it is completed.
#[utoipa::path(post, path = "/runs/{id}/complete", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 200, body = TestRun), Problems))]
async fn complete(State(core): State<Core>, Caller(actor): Caller, PathId(id): PathId<RunId>) -> Answer<Json<TestRun>> {
    Ok(Json(core.complete_run(&actor, id).await?))
}

/// The cases of a run, in order, each with the status of its latest result.
#[utoipa::path(get, path = "/runs/{id}/cases", tag = "Test runs", params(("id" = RunId, Path), PageQuery),
    responses((status = 200, body = Page<RunCase>), Problems))]
async fn cases(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<RunCase>>> {
    Ok(Json(core.run_cases(&actor, id, page).await?))
}

/// The results of a run, the newest first.
#[utoipa::path(get, path = "/runs/{id}/results", tag = "Test runs", params(("id" = RunId, Path), PageQuery),
    responses((status = 200, body = Page<TestResult>), Problems))]
async fn results(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<TestResult>>> {
    Ok(Json(core.run_results(&actor, id, page).await?))
}

/// Adds a result of one of the run's cases; emits `test_run.result_added`. 409 when the run is
/// completed.
#[utoipa::path(post, path = "/runs/{id}/results", tag = "Test runs", params(("id" = RunId, Path)),
    request_body = AddResult, responses((status = 201, body = TestResult), Problems))]
async fn add_result(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Body(new): Body<AddResult>,
) -> Answer<Created<TestResult>> {
    Ok(Created(format!("/runs/{id}/results"), core.add_run_result(&actor, id, new).await?))
}

/// The results of runs and sessions that are linked to an issue, the newest first.
#[utoipa::path(get, path = "/issues/{id}/results", tag = "Test runs", params(("id" = IssueId, Path), PageQuery),
    responses((status = 200, body = Page<TestResult>), Problems))]
async fn of_issue(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(issue): PathId<IssueId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<TestResult>>> {
    Ok(Json(core.issue_results(&actor, issue, page).await?))
}
