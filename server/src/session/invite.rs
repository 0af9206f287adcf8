//! `POST /invites/{token}`: accepts an invitation and signs in.

use std::sync::Arc;

use app::error::Error;
use app::model::form::FormError;
use app::model::people::Actor;
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use tower_sessions::Session;

use super::client::Client;
use super::form::{Door, begin_session};
use super::sign_in::incomplete;
use super::throttle::Throttle;
use crate::core::Core;
use crate::service::invite_acceptance::{Acceptance, accept as accept_invite};

/// The form of `/invites/{token}`; empty where the person is signed in already.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Accept {
    name: String,
    password: String,
}

/// Accepts an invitation.
#[allow(clippy::too_many_arguments, reason = "axum hands over one argument for each part of a request")]
pub async fn accept(
    State(core): State<Core>,
    Extension(throttle): Extension<Arc<Throttle>>,
    caller: Option<Extension<Actor>>,
    client: Client,
    session: Session,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Accept>, FormRejection>,
) -> Response {
    let page: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let door = Door::new(format!("/invites/{page}"), &headers);
    let Ok(Form(form)) = form else { return door.refuse(incomplete(), FormError::Incomplete) };
    let door = door.keep("name", &form.name);
    let done = async {
        // An existing account's password can be guessed here too.
        let now = core.clock.now();
        throttle.begin(now, &token, client.0).map_err(|retry_after| Error::TooMany { retry_after })?;
        let acceptance = Acceptance { name: form.name, password: form.password };
        let caller = caller.as_ref().map(|Extension(actor)| actor);
        let (actor, project) = accept_invite(&core, &token, caller, acceptance).await?;
        throttle.succeeded(&token, client.0);
        begin_session(&session, &actor).await?;
        Ok(project)
    };
    match done.await {
        Ok(project) => door.lead_to(&format!("/projects/{project}")),
        Err(error) => door.refuse_for(error),
    }
}
