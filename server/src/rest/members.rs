//! The members of a project.

use app::model::account::{RemoveMember, TransferProject};
use app::model::id::{ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Member, UpdateMember};
use app::model::project::Project;
use app::service::People;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId, PathIds};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(update, remove)).routes(routes!(transfer))
}

/// The members of a project, by name.
#[utoipa::path(get, path = "/projects/{id}/members", tag = "People", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Member>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Member>>> {
    Ok(Json(state.list_members(&actor, project, page).await?))
}

/// Changes a member's role; the owner stays an admin.
#[utoipa::path(patch, path = "/projects/{id}/members/{userId}", tag = "People",
    params(("id" = ProjectId, Path), ("userId" = UserId, Path)), request_body = UpdateMember,
    responses((status = 200, body = Member), Problems, Conflict))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(project, user): PathIds<ProjectId, UserId>,
    Body(change): Body<UpdateMember>,
) -> ApiResult<Json<Member>> {
    Ok(Json(state.update_member(&actor, project, user, change.role).await?))
}

/// Removes a member; the owner only with a new owner.
#[utoipa::path(delete, path = "/projects/{id}/members/{userId}", tag = "People",
    params(("id" = ProjectId, Path), ("userId" = UserId, Path), RemoveMember),
    responses((status = 204), Problems, Conflict))]
async fn remove(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathIds(project, user): PathIds<ProjectId, UserId>,
    Params(how): Params<RemoveMember>,
) -> ApiResult<StatusCode> {
    state.remove_member(&actor, project, user, how).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Transfers the project: its owner to a member, a system admin to any user.
#[utoipa::path(post, path = "/projects/{id}/transfer", tag = "People", params(("id" = ProjectId, Path)),
    request_body = TransferProject, responses((status = 200, body = Project), Problems))]
async fn transfer(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(to): Body<TransferProject>,
) -> ApiResult<Json<Project>> {
    Ok(Json(state.transfer_project(&actor, project, to).await?))
}
