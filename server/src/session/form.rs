//! Responds to forms: with a redirect (303) to the next page, or back to the form with the error
//! and the entered values, except passwords. A client that accepts JSON gets 204 or a problem
//! instead.

use app::error::Error;
use app::model::form::FormError;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use super::failure::failed_to;
use super::store::{DEVICE, PASSWORD_HASH, USER};
use crate::app_state::AppState;
use crate::crypto::COMMON_PASSWORD_ERROR;
use crate::entity::user;
use crate::service::people::sign_ins::{self, SignInMethod};
use crate::service::people::users;
use crate::web::{Client, Problem};

/// Per value that is kept for the page.
const MAX_KEPT_CHARS: usize = 300;

/// The page of a form, and the type of response that its client accepts.
pub struct FormResponder {
    page: String,
    json: bool,
    kept: Vec<(&'static str, String)>,
}

impl FormResponder {
    pub fn new(page: impl Into<String>, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let json = accept.contains("application/json") && !accept.contains("text/html");
        Self { page: page.into(), json, kept: Vec::new() }
    }

    /// Keeps a field for the page in case the form is refused.
    #[must_use]
    pub fn keep(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.kept.push((name, value.chars().take(MAX_KEPT_CHARS).collect()));
        }
        self
    }

    /// The response to a successful form.
    pub fn redirect_to(&self, path: &str) -> Response {
        if self.json { StatusCode::NO_CONTENT.into_response() } else { Redirect::to(path).into_response() }
    }

    /// Refuses the form; `code` selects the message on its page.
    pub fn refuse(&self, error: Error, code: FormError) -> Response {
        if self.json {
            return Problem(error).into_response();
        }
        let retry_after = match error {
            Error::TooMany { retry_after } => Some(("retryAfter", retry_after.to_string())),
            _ => None,
        };
        let mut query = vec![("error", code.as_str().to_owned())];
        query.extend(retry_after);
        query.extend(self.kept.iter().cloned());
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        Redirect::to(&format!("{}?{query}", self.page)).into_response()
    }

    /// [`FormResponder::refuse`] with the code of the error.
    pub fn refuse_for(&self, error: Error) -> Response {
        let code = code(&error);
        self.refuse(error, code)
    }
}

fn code(error: &Error) -> FormError {
    match error {
        Error::Unauthenticated => FormError::Credentials,
        Error::TooMany { .. } => FormError::TooMany,
        Error::NotFound => FormError::InviteGone,
        Error::Conflict { .. } => FormError::AlreadySetUp,
        Error::Invalid { errors, .. } => match errors.keys().next().map(String::as_str) {
            Some("email") => FormError::Email,
            Some("name") => FormError::Name,
            Some("password") if errors["password"] == COMMON_PASSWORD_ERROR => FormError::CommonPassword,
            Some("password") => FormError::Password,
            _ => FormError::Incomplete,
        },
        Error::Forbidden { .. }
        | Error::Busy { .. }
        | Error::Unavailable { .. }
        | Error::Internal
        | Error::Transport { .. } => FormError::Internal,
    }
}

/// A path on this site to continue to. Anything else becomes the start page, so that a link to the
/// sign-in page can't redirect to another site.
pub fn own_path(next: &str) -> &str {
    let local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if local && next.len() <= 2048 && !next.chars().any(char::is_control) { next } else { "/" }
}

/// Signs in. The session gets a new ID, so that someone who knew the old one gains nothing (session
/// fixation). It fails if the user's password has changed since `user` was read.
///
/// # Errors
/// [`Error::Internal`] if the session could not be stored, or the old one could not be ended.
pub async fn begin_session(
    state: &AppState,
    session: &Session,
    Client(origin): &Client,
    user: user::Model,
    method: SignInMethod,
) -> Result<(), Error> {
    let password_hash = user.password_hash.clone();
    let actor = users::actor(user);
    sign_ins::signed_in(state, &actor, origin, method).await?;
    let begun = async {
        session.flush().await?;
        session.insert(DEVICE, &origin.device).await?;
        session.insert(PASSWORD_HASH, password_hash).await?;
        session.insert(USER, actor.id).await
    };
    begun.await.map_err(|error| failed_to("failed to start a session", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_followed() {
        for good in ["/", "/projects/prj_1?tab=deliveries#x"] {
            assert_eq!(own_path(good), good);
        }
        for bad in ["", "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/\t/x", "x", "é"]
        {
            assert_eq!(own_path(bad), "/", "{bad}");
        }
    }
}
