//! Test runs with their cases and results.

use app::error::Error;
use app::model::id::{IssueId, ProjectId};
use app::model::page::{Page, PageQuery};
use app::service::{Assignments, Executions, PublicLinks, Results, Testware};
use app::testware::execution::ExecutionQuery;
use app::testware::item::CopiedCases;
use app::testware::result::{AddResult, TestResult};
use app::testware::run::assignment::{AssignCases, AssignedCases};
use app::testware::run::public_link::PublicLink;
use app::testware::run::{CreateRun, RunCase, RunCaseQuery, RunDetail, RunId, TestRun, UpdateRun};
use app::testware::submission::{AddResults, Submission};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::{SubjectRoutes, execution_handlers, testware_handlers};
use crate::web::extract::{Body, Caller, Params, PathId};

impl SubjectRoutes for TestRun {
    fn routes() -> OpenApiRouter<AppState> {
        item_routes()
            .merge(execution_routes())
            .routes(routes!(duplicate))
            .routes(routes!(abort))
            .routes(routes!(cases))
            .routes(routes!(assign))
            .routes(routes!(public_link, enable_public_link, revoke_public_link))
            .routes(routes!(for_issue))
    }
}

testware_handlers! {
    tag: "Test runs", noun: "runs", id: RunId, query: ExecutionQuery, create: CreateRun,
    update: UpdateRun, view: TestRun, detail: RunDetail,
    list: "/projects/{id}/runs" "The project's test runs, newest first.",
    create: "Creates a test run; emits `test_run.created`.",
    item: "/runs/{id}" "One test run.",
    update: "Changes a run that is not completed; emits `test_run.updated` if name, description, milestone, plan or cases changed, and `test_run.state_changed` if the state did.", Conflict;
    delete: "Deletes a test run; emits `test_run.deleted`.",
    complete: "/runs/{id}/complete" "Completes a run in any state; emits `test_run.completed`. 409 when it is already completed.",
}

execution_handlers! {
    tag: "Test runs", noun: "runs", id: RunId, view: TestRun,
    results: "/runs/{id}/results" "The results of a run, newest first.",
    add: "Adds a result of one of the run's cases; emits `test_run.result_added` and `result.created`, and `result.issue_linked` if it has issues. 409 when the run is completed.",
    bulk: "/runs/{id}/results/bulk" "Adds several results to a run: all of them, or none. Emits the same events for each, and then `execution.completed`. 409 when it is completed.",
}

/// Which cases a copy has.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DuplicateQuery {
    /// All cases by default.
    #[serde(default)]
    #[param(inline)]
    cases: CopiedCases,
}

/// Copies a test run in state `new`, with its cases and without its results; emits `test_run.duplicated`. 409 when
/// only failed cases are wanted and there are none.
#[utoipa::path(post, path = "/runs/{id}/duplicate", tag = "Test runs", params(("id" = RunId, Path), DuplicateQuery),
    responses((status = 201, body = TestRun), Problems, Conflict))]
async fn duplicate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Params(query): Params<DuplicateQuery>,
) -> ApiResult<Created<TestRun>> {
    let run = Testware::<TestRun>::duplicate(&state, &actor, id, query.cases).await?;
    Ok(Created(format!("/runs/{}", run.id), run))
}

/// Ends a run before it is completed. It is read-only from then on, like a completed one. Emits `test_run.aborted`. 409
/// when it is already completed or aborted.
#[utoipa::path(post, path = "/runs/{id}/abort", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 200, body = TestRun), Problems, Conflict))]
async fn abort(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> ApiResult<Json<TestRun>> {
    Ok(Json(Testware::<TestRun>::abort(&state, &actor, id).await?))
}

/// The cases of a run, in order, each with the status of its latest result and its assignee.
#[utoipa::path(get, path = "/runs/{id}/cases", tag = "Test runs", params(("id" = RunId, Path), RunCaseQuery),
    responses((status = 200, body = Page<RunCase>), Problems))]
async fn cases(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Params(query): Params<RunCaseQuery>,
) -> ApiResult<Json<Page<RunCase>>> {
    Ok(Json(Executions::<TestRun>::cases(&state, &actor, id, query).await?))
}

/// Assigns cases of a run to a member of the project, or removes their assignments. Emits no event. 409 when the run is
/// completed.
#[utoipa::path(post, path = "/runs/{id}/assign", tag = "Test runs", params(("id" = RunId, Path)),
    request_body = AssignCases, responses((status = 200, body = AssignedCases), Problems, Conflict))]
async fn assign(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
    Body(assign): Body<AssignCases>,
) -> ApiResult<Json<AssignedCases>> {
    Ok(Json(Assignments::assign_cases(&state, &actor, id, assign).await?))
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

/// The public link of a run. 404 when it is not enabled.
#[utoipa::path(get, path = "/runs/{id}/public-link", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 200, body = PublicLink), Problems))]
async fn public_link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> ApiResult<Json<PublicLink>> {
    let link = PublicLinks::public_link(&state, &actor, id).await?;
    Ok(Json(link.ok_or(Error::NotFound)?))
}

/// Enables the public link of a run: anyone with its URL sees the names, the state and the progress of the run, without
/// signing in. Emits `test_run.public_link_enabled`, without the URL. When it is enabled already, the link stays the same.
#[utoipa::path(post, path = "/runs/{id}/public-link", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 201, body = PublicLink), Problems))]
async fn enable_public_link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> ApiResult<Created<PublicLink>> {
    let link = PublicLinks::enable_public_link(&state, &actor, id).await?;
    Ok(Created(format!("/runs/{id}/public-link"), link))
}

/// Revokes the public link of a run. It stops working at once, and the next one has another URL.
#[utoipa::path(delete, path = "/runs/{id}/public-link", tag = "Test runs", params(("id" = RunId, Path)),
    responses((status = 204), Problems))]
async fn revoke_public_link(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<RunId>,
) -> ApiResult<StatusCode> {
    PublicLinks::revoke_public_link(&state, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
