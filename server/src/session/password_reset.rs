//! `POST /password-reset/{token}`: sets a new password with a one-time link, and signs in.

use app::error::Error;
use app::model::form::FormError;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::form::{FormResponder, begin_session};
use super::sign_in::incomplete;
use crate::app_state::AppState;
use crate::service::people::password_resets;
use crate::service::people::sign_ins::SignInMethod;
use crate::web::Client;

/// The form of `/password-reset/{token}`.
#[derive(Deserialize)]
pub struct ResetForm {
    password: String,
}

/// Sets the password.
pub async fn reset(
    State(state): State<AppState>,
    client: Client,
    session: Session,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Form<ResetForm>, FormRejection>,
) -> Response {
    let page: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let responder = FormResponder::new(format!("/password-reset/{page}"), &headers);
    let Ok(Form(form)) = form else { return responder.refuse(incomplete(), FormError::Incomplete) };
    let done = async {
        let user = password_resets::redeem(&state, &token, form.password).await?;
        begin_session(&state, &session, &client, user, SignInMethod::ResetLink).await
    };
    match done.await {
        Ok(()) => responder.redirect_to("/"),
        Err(Error::NotFound) => responder.refuse(Error::NotFound, FormError::ResetGone),
        Err(error) => responder.refuse_for(error),
    }
}
