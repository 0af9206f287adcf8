//! Inspector URLs and their requests; for project admins.

use app::model::id::{InspectorRequestId, InspectorUrlId, ProjectId};
use app::model::inspector::{
    ClearedRequests, InspectorRequest, InspectorRequestDetail, InspectorRequestQuery, InspectorUrl, UpdateInspectorUrl,
};
use app::model::page::{Page, PageQuery};
use app::service::Inspector;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
        .routes(routes!(extend))
        .routes(routes!(list_requests, clear))
        .routes(routes!(read_request))
}

/// The project's inspector URLs, newest first; for project admins.
#[utoipa::path(get, path = "/projects/{id}/inspector-urls", tag = "Inspector",
    params(("id" = ProjectId, Path), PageQuery), responses((status = 200, body = Page<InspectorUrl>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<InspectorUrl>>> {
    Ok(Json(state.list_inspector_urls(&actor, project, page).await?))
}

/// Creates a private URL that accepts any request for seven days, keeps the latest ones and answers as configured.
#[utoipa::path(post, path = "/projects/{id}/inspector-urls", tag = "Inspector", params(("id" = ProjectId, Path)),
    request_body = UpdateInspectorUrl, responses((status = 201, body = InspectorUrl), Problems, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<UpdateInspectorUrl>,
) -> ApiResult<Created<InspectorUrl>> {
    let created = state.create_inspector_url(&actor, project, new).await?;
    Ok(Created(format!("/inspector-urls/{}", created.id), created))
}

/// One inspector URL.
#[utoipa::path(get, path = "/inspector-urls/{id}", tag = "Inspector", params(("id" = InspectorUrlId, Path)),
    responses((status = 200, body = InspectorUrl), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
) -> ApiResult<Json<InspectorUrl>> {
    Ok(Json(state.inspector_url(&actor, id).await?))
}

/// Changes the response of an inspector URL, or the secret with which signatures are checked.
#[utoipa::path(patch, path = "/inspector-urls/{id}", tag = "Inspector", params(("id" = InspectorUrlId, Path)),
    request_body = UpdateInspectorUrl, responses((status = 200, body = InspectorUrl), Problems))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
    Body(change): Body<UpdateInspectorUrl>,
) -> ApiResult<Json<InspectorUrl>> {
    Ok(Json(state.update_inspector_url(&actor, id, change).await?))
}

/// Extends an inspector URL by seven days, also after it has expired.
#[utoipa::path(post, path = "/inspector-urls/{id}/extend", tag = "Inspector", params(("id" = InspectorUrlId, Path)),
    responses((status = 200, body = InspectorUrl), Problems, Conflict))]
async fn extend(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
) -> ApiResult<Json<InspectorUrl>> {
    Ok(Json(state.extend_inspector_url(&actor, id).await?))
}

/// Deletes an inspector URL with its requests.
#[utoipa::path(delete, path = "/inspector-urls/{id}", tag = "Inspector", params(("id" = InspectorUrlId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
) -> ApiResult<StatusCode> {
    state.delete_inspector_url(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The requests of an inspector URL, newest first. With `after`, those that arrived later, oldest first.
#[utoipa::path(get, path = "/inspector-urls/{id}/requests", tag = "Inspector",
    params(("id" = InspectorUrlId, Path), InspectorRequestQuery),
    responses((status = 200, body = Page<InspectorRequest>), Problems))]
async fn list_requests(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
    Params(query): Params<InspectorRequestQuery>,
) -> ApiResult<Json<Page<InspectorRequest>>> {
    Ok(Json(state.list_inspector_requests(&actor, id, query).await?))
}

/// Deletes the requests of an inspector URL.
#[utoipa::path(delete, path = "/inspector-urls/{id}/requests", tag = "Inspector",
    params(("id" = InspectorUrlId, Path)), responses((status = 200, body = ClearedRequests), Problems))]
async fn clear(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorUrlId>,
) -> ApiResult<Json<ClearedRequests>> {
    Ok(Json(state.clear_inspector_requests(&actor, id).await?))
}

/// One request with its headers and its body.
#[utoipa::path(get, path = "/inspector-requests/{id}", tag = "Inspector", params(("id" = InspectorRequestId, Path)),
    responses((status = 200, body = InspectorRequestDetail), Problems))]
async fn read_request(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<InspectorRequestId>,
) -> ApiResult<Json<InspectorRequestDetail>> {
    Ok(Json(state.inspector_request(&actor, id).await?))
}
