//! The caller's notifications.

use app::model::notification::{Notification, ReadNotifications, UnreadNotifications};
use app::model::page::{Page, PageQuery};
use app::service::Notifications;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller, Params};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(unread)).routes(routes!(read))
}

/// The caller's notifications, newest first. They are kept for 90 days.
#[utoipa::path(get, path = "/notifications", tag = "Notifications", params(PageQuery),
    responses((status = 200, body = Page<Notification>), Problems))]
async fn list(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Params(page): Params<PageQuery>,
) -> ApiResult<Json<Page<Notification>>> {
    Ok(Json(state.list_notifications(&actor, page).await?))
}

/// How many notifications are unread.
#[utoipa::path(get, path = "/notifications/unread", tag = "Notifications",
    responses((status = 200, body = UnreadNotifications), Problems))]
async fn unread(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<UnreadNotifications>> {
    Ok(Json(state.unread_notifications(&actor).await?))
}

/// Marks notifications as read.
#[utoipa::path(post, path = "/notifications/read", tag = "Notifications", request_body = ReadNotifications,
    responses((status = 204), Problems))]
async fn read(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(read): Body<ReadNotifications>,
) -> ApiResult<StatusCode> {
    state.read_notifications(&actor, read).await?;
    Ok(StatusCode::NO_CONTENT)
}
