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

/// The form of `/invites/{token}`; empty if the user is signed in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AcceptForm {
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
    form: std::result::Result<Form<AcceptForm>, FormRejection>,
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

/// This form could be used to guess an existing account's password. Attempts are counted together
/// with those on the sign-in page, whatever the link.
async fn accept_by_password(
    state: &AppState,
    token: &str,
    acceptance: Acceptance,
    origin: &Origin,
) -> Result<(user::Model, ProjectId)> {
    let email = state.invite_offer(token).await?.email;
    if let Err(throttled) = state.throttle.begin(state.clock.instant(), &email, origin.address) {
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

/// A form that creates no account may still be a guess. The response doesn't wait for the record,
/// so its time doesn't reveal whether an account exists.
fn record_guess(state: &AppState, email: String, origin: &Origin) {
    let (state, origin) = (state.clone(), origin.clone());
    tokio::spawn(async move { sign_ins::failed_at_existing(&state, &email, &origin).await });
}
