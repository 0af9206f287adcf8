//! Test runs with their cases and results.

use app::model::id::{IssueId, ProjectId};
use app::model::page::{Page, PageQuery};
use app::service::{Executions, Results, Testware};
use app::testware::execution::{AddResult, ExecutionQuery, TestResult};
use app::testware::run::{CreateRun, RunCase, RunDetail, RunId, TestRun, UpdateRun};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, execution_handlers, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestRun {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes().merge(execution_routes()).routes(routes!(cases)).routes(routes!(for_issue))
    }
}

testware_handlers! {
    tag: "Test runs", noun: "runs", id: RunId, query: ExecutionQuery, create: CreateRun,
    update: UpdateRun, view: TestRun, detail: RunDetail,
    list: "/projects/{id}/runs" "The project's test runs, newest first.",
    create: "Creates a test run; emits `test_run.created`.",
    item: "/runs/{id}" "One test run.",
    update: "Changes a run that is not completed; emits `test_run.updated` if name, description or cases changed, and `test_run.state_changed` if the state did.", Conflict;
    delete: "Deletes a test run; emits `test_run.deleted`.",
    duplicate: "/runs/{id}/duplicate" "Copies a test run in state `new`, with its cases and without its results; emits `test_run.duplicated`.",
}

execution_handlers! {
    tag: "Test runs", noun: "runs", id: RunId, view: TestRun,
    complete: "/runs/{id}/complete" "Completes a run in any state; emits `test_run.completed`. 409 when it is already completed.",
    results: "/runs/{id}/results" "The results of a run, newest first.",
    add: "Adds a result of one of the run's cases; emits `test_run.result_added`. 409 when the run is completed.",
}

/// The cases of a run, in order, each with the status of its latest result.
#[utoipa::path(get, path = "/runs/{id}/cases", tag = "Test runs", params(("id" = RunId, Path), PageQuery),
    responses((status = 200, body = Page<RunCase>), Problems))]
async fn cases(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<RunCase>>> {
    Ok(Json(Executions::<TestRun>::cases(&state, &actor, id, page).await?))
}

/// The results of runs and sessions that are linked to an issue, newest first.
#[utoipa::path(get, path = "/issues/{id}/results", tag = "Test runs", params(("id" = IssueId, Path), PageQuery),
    responses((status = 200, body = Page<TestResult>), Problems))]
async fn for_issue(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(issue): PathId<IssueId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<TestResult>>> {
    Ok(Json(state.issue_results(&actor, issue, page).await?))
}
