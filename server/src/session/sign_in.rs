//! `POST /session` signs in, `POST /session/end` signs out.

use std::sync::Arc;

use app::error::Error;
use app::model::form::FormError;
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::client::Client;
use super::form::{Door, begin_session, own_path};
use super::throttle::Throttle;
use crate::core::Core;
use crate::service::users;

/// The form of `/sign-in`.
#[derive(Deserialize)]
pub struct SignIn {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in.
pub async fn sign_in(
    State(core): State<Core>,
    Extension(throttle): Extension<Arc<Throttle>>,
    client: Client,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<SignIn>, FormRejection>,
) -> Response {
    let door = Door::new("/sign-in", &headers);
    let Ok(Form(form)) = form else { return door.refuse(incomplete(), FormError::Incomplete) };
    let door = door.keep("email", &form.email).keep("next", own_path(&form.next));
    match try_to(&core, &throttle, client, &session, &form).await {
        Ok(()) => door.lead_to(own_path(&form.next)),
        Err(error) => door.refuse_for(error),
    }
}

async fn try_to(
    core: &Core,
    throttle: &Throttle,
    Client(address): Client,
    session: &Session,
    form: &SignIn,
) -> Result<(), Error> {
    let now = core.clock.now();
    throttle.begin(now, &form.email, address).map_err(|retry_after| Error::TooMany { retry_after })?;
    let known = users::authenticate(core, &form.email, &form.password).await?;
    let actor = known.ok_or(Error::Unauthenticated)?;
    throttle.succeeded(&form.email, address);
    begin_session(session, &actor).await
}

/// Signs out, also when nobody was signed in.
pub async fn sign_out(session: Session, headers: HeaderMap) -> Response {
    let door = Door::new("/sign-in", &headers);
    match session.flush().await {
        Ok(()) => door.lead_to("/sign-in"),
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            door.refuse_for(Error::Internal)
        }
    }
}

/// The fields of a form did not arrive.
pub fn incomplete() -> Error {
    Error::invalid("The form did not arrive whole: send its fields as application/x-www-form-urlencoded.")
}
