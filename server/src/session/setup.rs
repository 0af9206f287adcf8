//! `POST /setup`: creates the first admin.

use app::error::Error;
use app::model::form::FormError;
use app::model::people::NewUser;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Response;
use tower_sessions::Session;

use super::form::{FormResponder, begin_session};
use super::sign_in::incomplete;
use crate::app_state::AppState;
use crate::service::people::sign_ins::SignInMethod;
use crate::service::people::users;
use crate::web::Client;

/// Creates the first admin and signs in.
pub async fn set_up(
    State(state): State<AppState>,
    client: Client,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<NewUser>, FormRejection>,
) -> Response {
    let responder = FormResponder::new("/setup", &headers);
    let Ok(Form(form)) = form else { return responder.refuse(incomplete(), FormError::Incomplete) };
    let responder = responder.keep("name", &form.name).keep("email", &form.email);
    let done = async {
        let admin = users::create_first_admin(&state, form).await?;
        begin_session(&state, &session, &client, admin, SignInMethod::Setup).await
    };
    match done.await {
        Ok(()) => responder.redirect_to("/"),
        Err(error @ Error::Conflict { .. }) => {
            FormResponder::new("/sign-in", &headers).refuse(error, FormError::AlreadySetUp)
        }
        Err(error) => responder.refuse_for(error),
    }
}
