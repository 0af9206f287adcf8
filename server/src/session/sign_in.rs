//! `POST /session` signs in, `POST /session/end` signs out.

use app::error::Error;
use app::model::form::FormError;
use app::model::people::Actor;
use app::model::text::Email;
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::failure::failed_to;
use super::form::{FormResponder, begin_session, own_path};
use crate::app_state::AppState;
use crate::service::people::sign_ins::{self, SignInMethod};
use crate::service::people::users;
use crate::web::Client;

/// The form of `/sign-in`.
#[derive(Deserialize)]
pub struct SignInForm {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// Signs in.
pub async fn sign_in(
    State(state): State<AppState>,
    client: Client,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let responder = FormResponder::new("/sign-in", &headers);
    let Ok(Form(form)) = form else { return responder.refuse(incomplete(), FormError::Incomplete) };
    // Only a valid address is recorded, because anything else may be a password in the wrong field,
    // and URLs of pages are logged.
    let responder = if form.email.parse::<Email>().is_ok() { responder.keep("email", &form.email) } else { responder };
    let responder = responder.keep("next", own_path(&form.next));
    match try_sign_in(&state, &client, &session, &form).await {
        Ok(()) => responder.redirect_to(own_path(&form.next)),
        Err(error) => responder.refuse_for(error),
    }
}

async fn try_sign_in(state: &AppState, client: &Client, session: &Session, form: &SignInForm) -> Result<(), Error> {
    let Client(origin) = client;
    if let Err(throttled) = state.throttle.begin(state.clock.instant(), &form.email, origin.address) {
        if throttled.first {
            sign_ins::throttled(state, &form.email, origin).await;
        }
        return Err(throttled.into());
    }
    let Some(user) = users::find_by_password(state, &form.email, &form.password).await? else {
        sign_ins::failed(state, &form.email, origin).await;
        return Err(Error::Unauthenticated);
    };
    state.throttle.succeeded(&form.email, origin.address);
    begin_session(state, session, client, user, SignInMethod::Password).await
}

/// Signs out; without a session it does nothing.
pub async fn sign_out(
    State(state): State<AppState>,
    caller: Option<Extension<Actor>>,
    Client(origin): Client,
    session: Session,
    headers: HeaderMap,
) -> Response {
    let responder = FormResponder::new("/sign-in", &headers);
    if let Some(Extension(actor)) = caller
        && let Err(error) = sign_ins::signed_out(&state, &actor, &origin).await
    {
        return responder.refuse_for(error);
    }
    match session.flush().await {
        Ok(()) => responder.redirect_to("/sign-in"),
        Err(error) => responder.refuse_for(failed_to("failed to end a session", &error)),
    }
}

/// The form's fields are invalid.
pub fn incomplete() -> Error {
    Error::invalid("Invalid form. Send its fields as application/x-www-form-urlencoded.")
}
