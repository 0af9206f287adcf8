//! `POST /setup`: the first admin of an instance that nobody has set up yet.

use app::error::Error;
use app::model::form::FormError;
use app::model::people::NewUser;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Response;
use tower_sessions::Session;

use super::form::{Door, begin_session};
use super::sign_in::incomplete;
use crate::core::Core;
use crate::service::users;

/// Makes the first admin and signs in.
pub async fn set_up(
    State(core): State<Core>,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<NewUser>, FormRejection>,
) -> Response {
    let door = Door::new("/setup", &headers);
    let Ok(Form(form)) = form else { return door.refuse(incomplete(), FormError::Incomplete) };
    let door = door.keep("name", &form.name).keep("email", &form.email);
    let done = async { begin_session(&session, &users::create_first_admin(&core, form).await?).await };
    match done.await {
        Ok(()) => door.lead_to("/"),
        Err(error @ Error::Conflict { .. }) => Door::new("/sign-in", &headers).refuse(error, FormError::AlreadySetUp),
        Err(error) => door.refuse_for(error),
    }
}
