//! The mail server of the instance; for system admins.

use app::error::Error;
use app::model::email_settings::{EmailSettings, EmailTest, PutEmailSettings};
use app::service::EmailAdmin;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::response::{ApiResult, Conflict, Missing, Problems};
use crate::app_state::AppState;
use crate::web::extract::{Body, Caller};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read, put, delete)).routes(routes!(test))
}

/// The settings, without the password. 404 if no emails are sent.
#[utoipa::path(get, path = "/email-settings", tag = "Email", responses((status = 200, body = EmailSettings), Problems, Missing))]
async fn read(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<EmailSettings>> {
    Ok(Json(state.email_settings(&actor).await?.ok_or(Error::NotFound)?))
}

/// Replaces the settings.
#[utoipa::path(put, path = "/email-settings", tag = "Email", request_body = PutEmailSettings,
    responses((status = 200, body = EmailSettings), Problems))]
async fn put(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(new): Body<PutEmailSettings>,
) -> ApiResult<Json<EmailSettings>> {
    Ok(Json(state.put_email_settings(&actor, new).await?))
}

/// Removes the settings, so that no emails are sent.
#[utoipa::path(delete, path = "/email-settings", tag = "Email", responses((status = 204), Problems, Missing))]
async fn delete(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<StatusCode> {
    state.delete_email_settings(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test email to the caller, and reports whether the mail server accepted it.
#[utoipa::path(post, path = "/email-settings/test", tag = "Email",
    responses((status = 200, body = EmailTest), Problems, Conflict))]
async fn test(State(state): State<AppState>, Caller(actor): Caller) -> ApiResult<Json<EmailTest>> {
    Ok(Json(state.test_email(&actor).await?))
}
