//! `POST /invites/{token}`: accepts an invite and signs in.

use app::error::{Error, Result};
use app::model::form::FormError;
use app::model::id::ProjectId;
use app::model::people::Actor;
use app::service::People;
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::form::{FormResponder, begin_session};
use super::sign_in::incomplete;
use crate::app_state::AppState;
use crate::entity::user;
use crate::service::people::invite_acceptance::{self, Acceptance};
use crate::service::people::sign_ins::{self, SignInMethod};
use crate::web::{Client, Origin};

/// The form of `/invites/{token}`; empty where the person is signed in already.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Accept {
    name: String,
    password: String,
}

/// Accepts an invite.
#[allow(clippy::too_many_arguments, reason = "axum hands over one argument for each part of a request")]
pub async fn accept(
    State(state): State<AppState>,
    caller: Option<Extension<Actor>>,
    client: Client,
    session: Session,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: std::result::Result<Form<Accept>, FormRejection>,
) -> Response {
    let page: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let responder = FormResponder::new(format!("/invites/{page}"), &headers);
    let Ok(Form(form)) = form else { return responder.refuse(incomplete(), FormError::Incomplete) };
    let responder = responder.keep("name", &form.name);
    let done = async {
        if let Some(Extension(caller)) = &caller
            && let Some(project) = invite_acceptance::accept_signed_in(&state, &token, caller).await?
        {
            return Ok(project);
        }
        let Client(origin) = &client;
        let acceptance = Acceptance { name: form.name, password: form.password };
        let (user, project) = accept_by_password(&state, &token, acceptance, origin).await?;
        begin_session(&state, &session, &client, user, SignInMethod::Invite).await?;
        Ok(project)
    };
    match done.await {
        Ok(project) => responder.redirect_to(&format!("/projects/{project}")),
        Err(error) => responder.refuse_for(error),
    }
}

/// An existing account's password can be guessed here as on the sign-in page: the tries are counted
/// together, whatever link they come by.
async fn accept_by_password(
    state: &AppState,
    token: &str,
    acceptance: Acceptance,
    origin: &Origin,
) -> Result<(user::Model, ProjectId)> {
    let email = state.invite_offer(token).await?.email;
    if let Err(throttled) = state.throttle.begin(state.clock.now(), &email, origin.address) {
        if throttled.first {
            sign_ins::throttled(state, &email, origin).await;
        }
        return Err(throttled.into());
    }
    let accepted = invite_acceptance::accept(state, token, acceptance).await;
    match &accepted {
        Ok(_) => state.throttle.succeeded(&email, origin.address),
        Err(Error::Unauthenticated) => sign_ins::failed(state, &email, origin).await,
        Err(Error::Invalid { .. }) => record_guess(state, email, origin),
        Err(_) => {}
    }
    accepted
}

/// A form that makes no account may still be a guess at an existing one. The answer doesn't wait for
/// the record, so that its time doesn't tell whether there is one.
fn record_guess(state: &AppState, email: String, origin: &Origin) {
    let (state, origin) = (state.clone(), origin.clone());
    tokio::spawn(async move { sign_ins::failed_at_existing(&state, &email, &origin).await });
}
