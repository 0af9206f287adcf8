//! The caller's own account.

use app::model::account::{BrowserSession, ChangePassword, UpdateProfile};
use app::model::id::BrowserSessionId;
use app::model::page::{Page, PageQuery};
use app::model::people::Actor;
use app::service::Accounts;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Problems, TooManyAttempts};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params, PathId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(me, update))
        .routes(routes!(change_password))
        .routes(routes!(list_sessions, end_other_sessions))
        .routes(routes!(end_session))
}

/// The caller.
#[utoipa::path(get, path = "/me", tag = "Account", responses((status = 200, body = Actor), Problems))]
async fn me(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<Actor>> {
    Ok(Json(state.profile(&actor).await?))
}

/// Changes the caller's name or email address. A new address requires the current password.
#[utoipa::path(patch, path = "/me", tag = "Account", request_body = UpdateProfile,
    responses((status = 200, body = Actor), Problems, Conflict, TooManyAttempts))]
async fn update(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(change): Body<UpdateProfile>,
) -> ApiResult<Json<Actor>> {
    Ok(Json(state.update_profile(&actor, change).await?))
}

/// Changes the caller's password, and ends the caller's other sessions.
#[utoipa::path(post, path = "/me/password", tag = "Account", request_body = ChangePassword,
    responses((status = 204), Problems, TooManyAttempts))]
async fn change_password(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(change): Body<ChangePassword>,
) -> ApiResult<StatusCode> {
    state.change_password(&actor, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The browsers in which the caller is signed in, newest first.
#[utoipa::path(get, path = "/me/sessions", tag = "Account", params(PageQuery),
    responses((status = 200, body = Page<BrowserSession>), Problems))]
async fn list_sessions(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<BrowserSession>>> {
    Ok(Json(state.list_browser_sessions(&actor, page).await?))
}

/// Ends the caller's sessions, except the current one.
#[utoipa::path(delete, path = "/me/sessions", tag = "Account", responses((status = 204), Problems))]
async fn end_other_sessions(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<StatusCode> {
    state.end_other_browser_sessions(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of the caller's sessions.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "Account", params(("id" = BrowserSessionId, Path)),
    responses((status = 204), Problems))]
async fn end_session(
    State(state): State<AppState>,
    Caller(actor): Caller,
    PathId(id): PathId<BrowserSessionId>,
) -> ApiResult<StatusCode> {
    state.end_browser_session(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
