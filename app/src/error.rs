//! The one error of services, REST handlers, server functions and pages. Each variant has a
//! status; a person reads its `Display`.

use std::collections::BTreeMap;

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// What a service answers instead of a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Error {
    /// Nobody is signed in.
    #[error("Sign in first.")]
    Unauthenticated,
    /// The caller may see this but not do that.
    #[error("{detail}")]
    Forbidden {
        /// What is needed.
        detail: String,
    },
    /// There is no such thing, or the caller may not know of it.
    #[error("There is nothing here, or you have no access to it.")]
    NotFound,
    /// What was sent breaks a rule.
    #[error("{detail}")]
    Invalid {
        /// What is wrong, in a sentence.
        detail: String,
        /// What is wrong with each field, by its name on the wire.
        errors: BTreeMap<String, String>,
    },
    /// It contradicts what is stored.
    #[error("{detail}")]
    Conflict {
        /// With what.
        detail: String,
    },
    /// Too many tries.
    #[error("Too many attempts. Try again in {retry_after} s.")]
    TooMany {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Too much is going on.
    #[error("Testbell is busy. Try again in {retry_after} s.")]
    Busy {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Something broke that the caller can't mend. The log has the cause.
    #[error("Something went wrong on the server. The log says what.")]
    Internal,
    /// The browser and the server did not understand each other.
    #[error("The server could not be reached. Check your connection and try again.")]
    Transport {
        /// What the transport says; for whoever looks for the cause, not for the page.
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
            Self::Busy { .. } => 503,
        }
    }

    /// A broken rule that belongs to no field.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into(), errors: BTreeMap::new() }
    }

    /// A broken rule of one field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Invalid { detail: message.clone(), errors: BTreeMap::from([(name.to_owned(), message)]) }
    }

    /// A contradiction with what is stored.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::Conflict { detail: detail.into() }
    }

    /// What the caller's role does not allow.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::Forbidden { detail: detail.into() }
    }

    /// What is wrong with a field, if anything.
    #[must_use]
    pub fn of_field(&self, name: &str) -> Option<&str> {
        match self {
            Self::Invalid { errors, .. } => errors.get(name).map(String::as_str),
            _ => None,
        }
    }
}

impl FromServerFnError for Error {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(detail) => Self::invalid(detail),
            other => Self::Transport { detail: other.to_string() },
        }
    }
}

/// Collects what is wrong with the fields of a request, so that a form shows all of it at once.
#[derive(Debug, Default)]
pub struct Checks {
    errors: BTreeMap<String, String>,
}

impl Checks {
    /// Takes the value of a check, or notes what is wrong with the field.
    pub fn take<T, E: ToString>(&mut self, field: &str, result: std::result::Result<T, E>) -> Option<T> {
        result.map_err(|error| self.errors.insert(field.to_owned(), error.to_string())).ok()
    }

    /// Notes what is wrong with the field unless `ok`.
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

    /// All that is wrong as one error.
    #[must_use]
    pub fn into_error(self) -> Error {
        let detail = match self.errors.len() {
            1 => self.errors.values().next().cloned().unwrap_or_default(),
            count => format!("{count} fields need another look."),
        };
        Error::Invalid { detail, errors: self.errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_in_plain_words_that_the_server_is_out_of_reach() {
        for cause in [
            ServerFnErrorErr::Request("TypeError: Failed to fetch".into()),
            // The page of a proxy in between.
            ServerFnErrorErr::Deserialization("expected value at line 1 column 1".into()),
        ] {
            let said = Error::from_server_fn_error(cause).to_string();
            assert_eq!(said, "The server could not be reached. Check your connection and try again.");
        }
    }

    #[test]
    fn all_broken_fields_are_told_at_once() {
        let mut checks = Checks::default();
        checks.require(false, "name", "Enter a name.");
        checks.require(true, "key", "never");
        assert_eq!(checks.take("url", "x".parse::<u8>()), None);
        let Err(error) = checks.finish() else { panic!("two fields are broken") };
        assert_eq!(error.of_field("name"), Some("Enter a name."));
        assert!(error.of_field("url").is_some());
        assert_eq!(error.of_field("key"), None);
        assert_eq!(error.status(), 422);
    }
}
