//! Projects.

use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::model::project::{CreateProject, Project, UpdateProject};
use app::service::Projects;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, update, delete))
}

/// The caller's projects, by name.
#[utoipa::path(get, path = "/projects", tag = "Projects", params(PageQuery),
    responses((status = 200, body = Page<Project>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Project>>> {
    Ok(Json(state.list_projects(&actor, page).await?))
}

/// Creates a project with the caller as its owner.
#[utoipa::path(post, path = "/projects", tag = "Projects", request_body = CreateProject,
    responses((status = 201, body = Project), Problems, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<CreateProject>,
) -> ApiResult<Created<Project>> {
    let project = state.create_project(&actor, new).await?;
    Ok(Created(format!("/projects/{}", project.id), project))
}

/// One project.
#[utoipa::path(get, path = "/projects/{id}", tag = "Projects", params(("id" = ProjectId, Path)),
    responses((status = 200, body = Project), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ProjectId>,
) -> ApiResult<Json<Project>> {
    Ok(Json(state.project(&actor, id).await?))
}

/// Changes a project's key or name.
#[utoipa::path(patch, path = "/projects/{id}", tag = "Projects", params(("id" = ProjectId, Path)),
    request_body = UpdateProject, responses((status = 200, body = Project), Problems, Conflict))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ProjectId>,
    Body(change): Body<UpdateProject>,
) -> ApiResult<Json<Project>> {
    Ok(Json(state.update_project(&actor, id, change).await?))
}

/// Deletes a project. Its webhooks stop receiving and sending.
#[utoipa::path(delete, path = "/projects/{id}", tag = "Projects", params(("id" = ProjectId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<ProjectId>,
) -> ApiResult<StatusCode> {
    state.delete_project(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
