//! Automation runs, their reports and their results.

use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::{AutomationRuns, Testware};
use app::testware::automation::{
    AddReportOptions, AutomationResult, AutomationResultQuery, AutomationRun, AutomationRunId, AutomationRunQuery,
    ReportOptions,
};
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app_state::AppState;
use crate::rest::response::{ApiResult, Conflict, Created, Problems};
use crate::testware::rest::SubjectRoutes;
use crate::web::extract::{Caller, FileBody, MAX_REPORT_BYTES, Params, PathId};

impl SubjectRoutes for AutomationRun {
    fn routes() -> OpenApiRouter<AppState> {
        let reports = OpenApiRouter::new()
            .routes(routes!(list, create))
            .routes(routes!(add_report))
            .layer(DefaultBodyLimit::max(MAX_REPORT_BYTES));
        OpenApiRouter::new()
            .routes(routes!(read, delete))
            .routes(routes!(complete))
            .routes(routes!(results))
            .merge(reports)
    }
}

/// The project's automation runs, newest first.
#[utoipa::path(get, path = "/projects/{id}/automation-runs", tag = "Automation runs",
    params(("id" = ProjectId, Path), AutomationRunQuery),
    responses((status = 200, body = Page<AutomationRun>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<AutomationRunQuery>,
) -> ApiResult<Json<Page<AutomationRun>>> {
    Ok(Json(Testware::<AutomationRun>::list(&state, &actor, project, query).await?))
}

/// Records the results of automated tests: JUnit XML, or the JSON of Playwright, pytest-json-report, cargo-nextest or
/// `go test`, recognised by its content; at most 16 MiB and 50,000 tests. Each test belongs to the case with its
/// automation link. Emits `automation_run.created`, and `automation_run.completed` unless `complete` is false.
#[utoipa::path(post, path = "/projects/{id}/automation-runs", tag = "Automation runs",
    params(("id" = ProjectId, Path), ReportOptions),
    request_body(content = String, content_type = "application/octet-stream", description = "The report, as the tool wrote it."),
    responses((status = 201, body = AutomationRun), Problems))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(options): Params<ReportOptions>,
    FileBody(report): FileBody<MAX_REPORT_BYTES>,
) -> ApiResult<Created<AutomationRun>> {
    let run = AutomationRuns::report_automation(&state, &actor, project, options, report).await?;
    Ok(Created(format!("/automation-runs/{}", run.id), run))
}

/// One automation run.
#[utoipa::path(get, path = "/automation-runs/{id}", tag = "Automation runs", params(("id" = AutomationRunId, Path)),
    responses((status = 200, body = AutomationRun), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AutomationRunId>,
) -> ApiResult<Json<AutomationRun>> {
    Ok(Json(Testware::<AutomationRun>::read(&state, &actor, id).await?))
}

/// Deletes an automation run; emits `automation_run.deleted`.
#[utoipa::path(delete, path = "/automation-runs/{id}", tag = "Automation runs", params(("id" = AutomationRunId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AutomationRunId>,
) -> ApiResult<StatusCode> {
    Testware::<AutomationRun>::delete(&state, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds a report to a run that is not completed.
#[utoipa::path(post, path = "/automation-runs/{id}/reports", tag = "Automation runs",
    params(("id" = AutomationRunId, Path), AddReportOptions),
    request_body(content = String, content_type = "application/octet-stream", description = "The report, as the tool wrote it."),
    responses((status = 200, body = AutomationRun), Problems, Conflict))]
async fn add_report(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AutomationRunId>,
    Params(options): Params<AddReportOptions>,
    FileBody(report): FileBody<MAX_REPORT_BYTES>,
) -> ApiResult<Json<AutomationRun>> {
    Ok(Json(AutomationRuns::add_automation_report(&state, &actor, id, options, report).await?))
}

/// Completes a run; emits `automation_run.completed`. 409 when it is already completed.
#[utoipa::path(post, path = "/automation-runs/{id}/complete", tag = "Automation runs",
    params(("id" = AutomationRunId, Path)),
    responses((status = 200, body = AutomationRun), Problems, Conflict))]
async fn complete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AutomationRunId>,
) -> ApiResult<Json<AutomationRun>> {
    Ok(Json(Testware::<AutomationRun>::complete(&state, &actor, id).await?))
}

/// The results of an automation run, in the order of its reports.
#[utoipa::path(get, path = "/automation-runs/{id}/results", tag = "Automation runs",
    params(("id" = AutomationRunId, Path), AutomationResultQuery),
    responses((status = 200, body = Page<AutomationResult>), Problems))]
async fn results(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<AutomationRunId>,
    Params(query): Params<AutomationResultQuery>,
) -> ApiResult<Json<Page<AutomationResult>>> {
    Ok(Json(AutomationRuns::automation_results(&state, &actor, id, query).await?))
}
