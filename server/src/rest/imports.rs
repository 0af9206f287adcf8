//! Imports of test cases, and the export of a project.

use app::imports::{Import, ImportId, ImportOptions, ImportPreview, MAX_IMPORT_BYTES};
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::project_export::ProjectExportFormat;
use app::service::Imports;
use axum::Json;
use axum::body::Body as ResponseBody;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::project_export;
use crate::web::extract::{Caller, FileBody, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    let files = OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(preview))
        .layer(DefaultBodyLimit::max(MAX_IMPORT_BYTES));
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(export)).merge(files)
}

/// The imports of a project, newest first.
#[utoipa::path(get, path = "/projects/{id}/imports", tag = "Imports", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Import>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Import>>> {
    Ok(Json(state.list_imports(&actor, project, page).await?))
}

/// Imports test cases in the background, all or none: CSV, TestRail XML, or the exports of Xray, Zephyr, Qase, Testmo and
/// Testbell; at most 20 MiB and 10,000 cases. Suites are found by their paths, or created. 422 with the errors by row if
/// the file has one; the preview shows all. A project has one running import at most. It emits no events.
#[utoipa::path(post, path = "/projects/{id}/imports", tag = "Imports", params(("id" = ProjectId, Path), ImportOptions),
    request_body(content = String, content_type = "application/octet-stream", description = "The file, as the tool wrote it."),
    responses((status = 201, body = Import), Problems, Conflict))]
async fn start(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(options): Params<ImportOptions>,
    FileBody(file): FileBody<MAX_IMPORT_BYTES>,
) -> ApiResult<Created<Import>> {
    let import = state.start_import(&actor, project, options, file).await?;
    Ok(Created(format!("/imports/{}", import.id), import))
}

/// Says what an import of the file would create, and what is wrong with it. It checks the whole file and writes nothing.
#[utoipa::path(post, path = "/projects/{id}/imports/preview", tag = "Imports",
    params(("id" = ProjectId, Path), ImportOptions),
    request_body(content = String, content_type = "application/octet-stream", description = "The file, as the tool wrote it."),
    responses((status = 200, body = ImportPreview), Problems))]
async fn preview(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(options): Params<ImportOptions>,
    FileBody(file): FileBody<MAX_IMPORT_BYTES>,
) -> ApiResult<Json<ImportPreview>> {
    Ok(Json(state.preview_import(&actor, project, options, file).await?))
}

/// One import with its progress.
#[utoipa::path(get, path = "/imports/{id}", tag = "Imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ImportId>,
) -> ApiResult<Json<Import>> {
    Ok(Json(state.import(&actor, id).await?))
}

/// The query of an export.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct ExportOptions {
    /// `json` has all testware, issues and comments; `csv` has the test cases, and can be imported again. The default is
    /// `json`.
    #[param(inline)]
    format: Option<ProjectExportFormat>,
}

/// Downloads a project without webhooks, members and credentials. As CSV, a cell that a spreadsheet would run has an
/// apostrophe before it, which an import removes.
#[utoipa::path(get, path = "/projects/{id}/export", tag = "Projects", params(("id" = ProjectId, Path), ExportOptions),
    responses(
        (status = 200, description = "The file", content((serde_json::Value = "application/json"), (String = "text/csv"))),
        Problems,
    ))]
async fn export(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(ExportOptions { format }): Params<ExportOptions>,
) -> ApiResult<Response> {
    let format = format.unwrap_or(ProjectExportFormat::Json);
    let date = state.clock.now().format("%Y-%m-%d");
    let name = format!("attachment; filename=\"testbell-{date}.{format}\"");
    let content_type = match format {
        ProjectExportFormat::Json => "application/json",
        ProjectExportFormat::Csv => "text/csv; charset=utf-8",
    };
    let stream = project_export::export(state, actor, project, format).await?;
    let mut response = ResponseBody::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
