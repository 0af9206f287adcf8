//! Custom events.

use app::custom_events::{
    AcceptedEvent, CreateCustomEvent, CustomEvent, CustomEventId, PublishEvent, UpdateCustomEvent,
};
use app::model::id::ProjectId;
use app::model::page::{Page, PageQuery};
use app::service::CustomEvents;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

/// The routes of custom events.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(publish)).routes(routes!(list, create)).routes(routes!(read, update, delete))
}

/// Publishes a custom event: it is stored, and sent to the webhooks that subscribe to it. If its type is registered with a
/// schema, the data must match it; `errors` names at most 10 violations by their paths, e.g. `data/environment`.
#[utoipa::path(post, path = "/projects/{id}/events", tag = "Custom events", params(("id" = ProjectId, Path)),
    request_body = PublishEvent, responses((status = 202, body = AcceptedEvent), Problems, Conflict))]
async fn publish(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<PublishEvent>,
) -> ApiResult<(StatusCode, Json<AcceptedEvent>)> {
    Ok((StatusCode::ACCEPTED, Json(state.publish_event(&actor, project, new).await?)))
}

/// The registered custom events of a project, newest first.
#[utoipa::path(get, path = "/projects/{id}/custom-events", tag = "Custom events",
    params(("id" = ProjectId, Path), PageQuery), responses((status = 200, body = Page<CustomEvent>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<CustomEvent>>> {
    Ok(Json(state.list_custom_events(&actor, project, page).await?))
}

/// Registers a custom event, with a description and a schema of its data; for project admins. At most 100 per project.
#[utoipa::path(post, path = "/projects/{id}/custom-events", tag = "Custom events", params(("id" = ProjectId, Path)),
    request_body = CreateCustomEvent, responses((status = 201, body = CustomEvent), Problems, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateCustomEvent>,
) -> ApiResult<Created<CustomEvent>> {
    let created = state.create_custom_event(&actor, project, new).await?;
    Ok(Created(format!("/custom-events/{}", created.id), created))
}

/// One registered custom event.
#[utoipa::path(get, path = "/custom-events/{id}", tag = "Custom events", params(("id" = CustomEventId, Path)),
    responses((status = 200, body = CustomEvent), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CustomEventId>,
) -> ApiResult<Json<CustomEvent>> {
    Ok(Json(state.custom_event(&actor, id).await?))
}

/// Changes the description or the schema of a registered custom event; for project admins.
#[utoipa::path(patch, path = "/custom-events/{id}", tag = "Custom events", params(("id" = CustomEventId, Path)),
    request_body = UpdateCustomEvent, responses((status = 200, body = CustomEvent), Problems))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CustomEventId>,
    Body(change): Body<UpdateCustomEvent>,
) -> ApiResult<Json<CustomEvent>> {
    Ok(Json(state.update_custom_event(&actor, id, change).await?))
}

/// Deletes a registered custom event; for project admins. Events of its type can still be published.
#[utoipa::path(delete, path = "/custom-events/{id}", tag = "Custom events", params(("id" = CustomEventId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CustomEventId>,
) -> ApiResult<StatusCode> {
    state.delete_custom_event(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
