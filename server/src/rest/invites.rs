//! Invites to a project. They are accepted on the page of their link.

use app::model::id::{InviteId, ProjectId};
use app::model::page::{Page, PageQuery};
use app::model::people::{CreateInvite, CreatedInvite, Invite};
use app::service::People;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId, PathIds};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

/// The pending invites.
#[utoipa::path(get, path = "/projects/{id}/invites", tag = "People", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Invite>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Invite>>> {
    Ok(Json(state.list_invites(&actor, project, page).await?))
}

/// Creates an invite link that works once, for seven days. It is shown only here.
#[utoipa::path(post, path = "/projects/{id}/invites", tag = "People", params(("id" = ProjectId, Path)),
    request_body = CreateInvite, responses((status = 201, body = CreatedInvite), Problems, Conflict))]
async fn create(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<CreateInvite>,
) -> ApiResult<Created<CreatedInvite>> {
    let created = state.create_invite(&actor, project, new).await?;
    Ok(Created(format!("/projects/{project}/invites/{}", created.invite.id), created))
}

/// Revokes an invite.
#[utoipa::path(delete, path = "/projects/{id}/invites/{inviteId}", tag = "People",
    params(("id" = ProjectId, Path), ("inviteId" = InviteId, Path)), responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(project, invite): PathIds<ProjectId, InviteId>,
) -> ApiResult<StatusCode> {
    state.delete_invite(&actor, project, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}
