//! Comments.

use app::comments::{AddComment, Comment, CommentId, CommentQuery, UpdateComment};
use app::model::id::ProjectId;
use app::model::page::Page;
use app::service::Comments;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Created, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

/// The routes of comments.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(update, delete))
}

/// The comments of a project, newest first, also those on what was deleted since; with `item`, those of an issue or an
/// item of testware.
#[utoipa::path(get, path = "/projects/{id}/comments", tag = "Comments", params(("id" = ProjectId, Path), CommentQuery),
    responses((status = 200, body = Page<Comment>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Params(query): Params<CommentQuery>,
) -> ApiResult<Json<Page<Comment>>> {
    Ok(Json(state.list_comments(&actor, project, query).await?))
}

/// Adds a comment; emits `user.mentioned` for each member that it mentions with `@` and the name.
#[utoipa::path(post, path = "/projects/{id}/comments", tag = "Comments", params(("id" = ProjectId, Path)),
    request_body = AddComment, responses((status = 201, body = Comment), Problems))]
async fn add(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(project): PathId<ProjectId>,
    Body(new): Body<AddComment>,
) -> ApiResult<Created<Comment>> {
    let comment = state.add_comment(&actor, project, new).await?;
    Ok(Created(format!("/comments/{}", comment.id), comment))
}

/// Changes a comment; emits `user.mentioned` for each member that it did not mention before. For its author, and admins
/// of the project.
#[utoipa::path(patch, path = "/comments/{id}", tag = "Comments", params(("id" = CommentId, Path)),
    request_body = UpdateComment, responses((status = 200, body = Comment), Problems))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CommentId>,
    Body(change): Body<UpdateComment>,
) -> ApiResult<Json<Comment>> {
    Ok(Json(state.update_comment(&actor, id, change).await?))
}

/// Deletes a comment. For its author, and admins of the project.
#[utoipa::path(delete, path = "/comments/{id}", tag = "Comments", params(("id" = CommentId, Path)),
    responses((status = 204), Problems))]
async fn delete(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<CommentId>,
) -> ApiResult<StatusCode> {
    state.delete_comment(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
