//! The members of a project.

use app::model::id::{ProjectId, UserId};
use app::model::page::{Page, PageQuery};
use app::model::people::{Member, UpdateMember};
use app::service::People;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Answer, Problems};
use super::extract::{Body, Caller, Params, PathId, PathIds};
use crate::core::Core;

pub fn routes() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(update, remove))
}

/// The members of a project, by name.
#[utoipa::path(get, path = "/projects/{id}/members", tag = "People", params(("id" = ProjectId, Path), PageQuery),
    responses((status = 200, body = Page<Member>), Problems))]
async fn list(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(page): Params<PageQuery>,
) -> Answer<Json<Page<Member>>> {
    Ok(Json(core.list_members(&actor, project, page).await?))
}

/// Changes a member's role; the owner stays an admin.
#[utoipa::path(patch, path = "/projects/{id}/members/{userId}", tag = "People",
    params(("id" = ProjectId, Path), ("userId" = UserId, Path)), request_body = UpdateMember,
    responses((status = 200, body = Member), Problems))]
async fn update(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathIds(project, user): PathIds<ProjectId, UserId>,
    Body(change): Body<UpdateMember>,
) -> Answer<Json<Member>> {
    Ok(Json(core.update_member(&actor, project, user, change.role).await?))
}

/// Removes a member; not the owner.
#[utoipa::path(delete, path = "/projects/{id}/members/{userId}", tag = "People",
    params(("id" = ProjectId, Path), ("userId" = UserId, Path)), responses((status = 204), Problems))]
async fn remove(
    State(core): State<Core>,
    Caller(actor): Caller,
    PathIds(project, user): PathIds<ProjectId, UserId>,
) -> Answer<StatusCode> {
    core.remove_member(&actor, project, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
