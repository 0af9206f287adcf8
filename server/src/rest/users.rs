//! All users; for system admins.

use app::model::account::{PasswordResetLink, UpdateUser, User};
use app::model::id::UserId;
use app::model::page::{Page, PageQuery};
use app::service::Accounts;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, update))
        .routes(routes!(reset_password))
        .routes(routes!(unlink))
}

/// All users, by name; for system admins.
#[utoipa::path(get, path = "/users", tag = "Users", params(PageQuery),
    responses((status = 200, body = Page<User>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<User>>> {
    Ok(Json(state.list_users(&actor, page).await?))
}

/// One user; for system admins.
#[utoipa::path(get, path = "/users/{id}", tag = "Users", params(("id" = UserId, Path)),
    responses((status = 200, body = User), Problems))]
async fn get(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<UserId>,
) -> ApiResult<Json<User>> {
    Ok(Json(state.user(&actor, id).await?))
}

/// Deactivates or reactivates a user, or grants or removes system admin rights; for system admins.
/// The last active system admin stays.
#[utoipa::path(patch, path = "/users/{id}", tag = "Users", params(("id" = UserId, Path)), request_body = UpdateUser,
    responses((status = 200, body = User), Problems, Conflict))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<UserId>,
    Body(change): Body<UpdateUser>,
) -> ApiResult<Json<User>> {
    Ok(Json(state.update_user(&actor, id, change).await?))
}

/// Creates a link to reset a user's password, once within 24 hours. It is shown only here. For
/// system admins, but not for themselves.
#[utoipa::path(post, path = "/users/{id}/password-reset", tag = "Users", params(("id" = UserId, Path)),
    responses((status = 201, body = PasswordResetLink), Problems, Conflict))]
async fn reset_password(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<UserId>,
) -> ApiResult<(StatusCode, Json<PasswordResetLink>)> {
    Ok((StatusCode::CREATED, Json(state.create_password_reset(&actor, id).await?)))
}

/// Unlinks a user from the provider for single sign-on, and signs the user out. The next single sign-on with the user's
/// verified email address links an identity again. For system admins.
#[utoipa::path(delete, path = "/users/{id}/single-sign-on", tag = "Users", params(("id" = UserId, Path)),
    responses((status = 204), Problems))]
async fn unlink(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<UserId>,
) -> ApiResult<StatusCode> {
    state.unlink_identities(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
