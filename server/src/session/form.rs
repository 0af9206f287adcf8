//! How the doors answer a form: by leading on (303), or by leading back to the form's page with
//! what was wrong and what was typed, but never a password. A caller that asks for JSON gets
//! 204 or a problem instead.

use app::error::Error;
use app::model::form::FormError;
use app::model::people::Actor;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use super::store::USER;
use crate::rest::Problem;

/// The most characters of what is carried back to the page.
const KEPT_MAX: usize = 300;

/// The page a form belongs to, and how its sender wants to be answered.
pub struct Door {
    page: String,
    json: bool,
    kept: Vec<(&'static str, String)>,
}

impl Door {
    pub fn new(page: impl Into<String>, headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let json = accept.contains("application/json") && !accept.contains("text/html");
        Self { page: page.into(), json, kept: Vec::new() }
    }

    /// Carries a field back to the page when the form is refused.
    #[must_use]
    pub fn keep(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.kept.push((name, value.chars().take(KEPT_MAX).collect()));
        }
        self
    }

    /// The form did what it is for.
    pub fn lead_to(&self, path: &str) -> Response {
        if self.json { StatusCode::NO_CONTENT.into_response() } else { Redirect::to(path).into_response() }
    }

    /// The form was refused; `code` is what its page says.
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

    /// [`Door::refuse`] with the code that fits the error.
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
            Some("password") => FormError::Password,
            _ => FormError::Incomplete,
        },
        Error::Forbidden { .. } | Error::Busy { .. } | Error::Internal | Error::Transport { .. } => FormError::Internal,
    }
}

/// A path on this site to go on to; anything else leads home, so that no link to the sign-in
/// page leads people elsewhere.
pub fn own_path(next: &str) -> &str {
    let local = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if local && next.len() <= 2048 && !next.chars().any(char::is_control) { next } else { "/" }
}

/// Signs in: from now on the session is the user's. It gets a new id, so that whoever knew the
/// old one gains nothing (session fixation).
///
/// # Errors
/// [`Error::Internal`] when the old session could not be ended.
pub async fn begin_session(session: &Session, user: &Actor) -> Result<(), Error> {
    let begun = async {
        session.flush().await?;
        session.insert(USER, user.id).await
    };
    begun.await.map_err(|error| {
        tracing::error!(%error, "a session could not be begun");
        Error::Internal
    })
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
