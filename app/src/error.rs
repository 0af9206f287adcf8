//! The error of services, REST handlers, server functions and pages. Each variant has an HTTP
//! status and a message for users.

mod wire;

use std::collections::BTreeMap;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::json::text::JsonText;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(from = "wire::WireError", into = "wire::WireError")]
pub enum Error {
    /// The caller is not signed in.
    #[error("Sign in to continue.")]
    Unauthenticated,
    /// The caller lacks a permission.
    #[error("{detail}")]
    Forbidden {
        /// The missing permission, in a sentence.
        detail: String,
    },
    /// It does not exist, or the caller has no access to it.
    #[error("Not found, or you don't have access.")]
    NotFound,
    /// The request is invalid.
    #[error("{detail}")]
    Invalid {
        /// The problem, as a sentence.
        detail: String,
        /// The problem of each field, by its name in the API.
        errors: BTreeMap<String, String>,
    },
    /// The request conflicts with the current state.
    #[error("{detail}")]
    Conflict {
        /// The conflict, in a sentence.
        detail: String,
    },
    /// Too many attempts.
    #[error("Too many attempts. Try again in {retry_after} seconds.")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The server is overloaded.
    #[error("Testbell is busy. Try again in {retry_after} seconds.")]
    Busy {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// The database is unavailable.
    #[error("{detail} Try again in {retry_after} seconds.")]
    Unavailable {
        /// Why, in a sentence.
        detail: String,
        /// Seconds to wait.
        retry_after: u32,
    },
    /// An internal error. The log has the cause.
    #[error("Something went wrong on the server. Its log has the details.")]
    Internal,
    /// The browser could not reach the server, or could not read its response.
    #[error("The server could not be reached. Check your connection and try again.")]
    Transport {
        /// The technical cause, which the page does not show.
        detail: String,
    },
}

/// The result of a service.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::Invalid { .. } => 422,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Transport { .. } => 502,
            Self::Busy { .. } | Self::Unavailable { .. } => 503,
        }
    }

    /// Seconds to wait, for the header `Retry-After`.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after } | Self::Busy { retry_after } | Self::Unavailable { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// An invalid request, not about a single field.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into(), errors: BTreeMap::new() }
    }

    /// An invalid field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Invalid { detail: message.clone(), errors: BTreeMap::from([(name.to_owned(), message)]) }
    }

    /// A conflict with the stored data.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::Conflict { detail: detail.into() }
    }

    /// A missing permission.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::Forbidden { detail: detail.into() }
    }

    /// The error as it may appear in a URL: its kind and the names of its fields, with fixed texts.
    /// A link can't put its own text onto a page.
    #[must_use]
    pub fn without_details(&self) -> Self {
        let wait = |retry_after: u32| retry_after.clamp(1, 60);
        match self {
            Self::Forbidden { .. } => Self::forbidden("You don't have permission to do that."),
            Self::Invalid { errors, .. } => Self::Invalid {
                detail: "Some values are invalid. Check them and try again.".to_owned(),
                errors: errors.keys().map(|field| (field.clone(), "Check this value.".to_owned())).collect(),
            },
            Self::Conflict { .. } => {
                Self::conflict("The request conflicts with the current state. Reload the page and try again.")
            }
            Self::TooMany { retry_after } => Self::TooMany { retry_after: wait(*retry_after) },
            Self::Busy { retry_after } => Self::Busy { retry_after: wait(*retry_after) },
            Self::Unavailable { retry_after, .. } => {
                Self::Unavailable { detail: "The database is unavailable.".to_owned(), retry_after: wait(*retry_after) }
            }
            Self::Internal | Self::Transport { .. } => Self::Internal,
            Self::Unauthenticated => Self::Unauthenticated,
            Self::NotFound => Self::NotFound,
        }
    }

    /// The problem of a field, if any.
    #[must_use]
    pub fn of_field(&self, name: &str) -> Option<&str> {
        match self {
            Self::Invalid { errors, .. } => errors.get(name).map(String::as_str),
            _ => None,
        }
    }
}

impl FromServerFnError for Error {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) => Self::invalid(detail),
            other => Self::Transport { detail: other.to_string() },
        }
    }
}

/// Collects the problems of all fields, so that a form shows them at once.
#[derive(Debug, Default)]
pub struct Checks {
    errors: BTreeMap<String, String>,
}

impl Checks {
    /// Takes the value of a result, or records its error for the field.
    pub fn take<T, E: ToString>(&mut self, field: &str, result: std::result::Result<T, E>) -> Option<T> {
        result.map_err(|error| self.errors.insert(field.to_owned(), error.to_string())).ok()
    }

    /// Takes the value of a result, or records the errors of its fields.
    ///
    /// # Errors
    /// Any error that is not about fields.
    pub fn take_invalid<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid { errors, .. }) if !errors.is_empty() => {
                self.errors.extend(errors);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Sets a field if its new value is present and valid, or records the error.
    pub fn set<T, E: ToString>(&mut self, field: &str, target: &mut T, new: Option<std::result::Result<T, E>>) {
        if let Some(value) = new.and_then(|new| self.take(field, new)) {
            *target = value;
        }
    }

    /// Records a problem of the field unless `ok`.
    pub fn require(&mut self, ok: bool, field: &str, message: &str) {
        if !ok {
            self.errors.insert(field.to_owned(), message.to_owned());
        }
    }

    /// Ends the checks.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a check failed.
    pub fn finish(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// All problems as one error.
    #[must_use]
    pub fn into_error(self) -> Error {
        let detail = match self.errors.len() {
            1 => self.errors.values().next().cloned().unwrap_or_default(),
            count => format!("{count} fields are invalid."),
        };
        Error::Invalid { detail, errors: self.errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_server_has_a_plain_message() {
        for cause in [
            ServerFnErrorErr::Request("TypeError: Failed to fetch".into()),
            // The error page of a proxy.
            ServerFnErrorErr::Deserialization("expected value at line 1 column 1".into()),
        ] {
            let message = Error::from_server_fn_error(cause).to_string();
            assert_eq!(message, "The server could not be reached. Check your connection and try again.");
        }
    }

    #[test]
    fn all_invalid_fields_are_reported_at_once() {
        let mut checks = Checks::default();
        checks.require(false, "name", "Enter a name.");
        checks.require(true, "key", "never");
        assert_eq!(checks.take("url", "x".parse::<u8>()), None);
        let Err(error) = checks.finish() else { panic!("two fields are invalid") };
        assert_eq!(error.of_field("name"), Some("Enter a name."));
        assert!(error.of_field("url").is_some());
        assert_eq!(error.of_field("key"), None);
        assert_eq!(error.status(), 422);
    }
}
