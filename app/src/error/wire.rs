//! The JSON of an error: one flat object. A tagged enum would add a buffering deserializer to the
//! browser's code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Error;

/// The fields of all kinds of errors.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WireError {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl From<Error> for WireError {
    fn from(error: Error) -> Self {
        let with = |kind: &str| Self { kind: kind.to_owned(), ..Self::default() };
        match error {
            Error::Unauthenticated => with("unauthenticated"),
            Error::Forbidden { detail } => Self { detail: Some(detail), ..with("forbidden") },
            Error::NotFound => with("not_found"),
            Error::Invalid { detail, errors } => Self { detail: Some(detail), errors: Some(errors), ..with("invalid") },
            Error::Conflict { detail } => Self { detail: Some(detail), ..with("conflict") },
            Error::TooMany { retry_after } => Self { retry_after: Some(retry_after), ..with("too_many") },
            Error::Busy { retry_after } => Self { retry_after: Some(retry_after), ..with("busy") },
            Error::Unavailable { detail, retry_after } => {
                Self { detail: Some(detail), retry_after: Some(retry_after), ..with("unavailable") }
            }
            Error::Internal => with("internal"),
            Error::Transport { detail } => Self { detail: Some(detail), ..with("transport") },
        }
    }
}

impl From<WireError> for Error {
    fn from(wire: WireError) -> Self {
        let WireError { kind, detail, errors, retry_after } = wire;
        let (detail, retry_after) = (detail.unwrap_or_default(), retry_after.unwrap_or_default());
        match &*kind {
            "unauthenticated" => Self::Unauthenticated,
            "forbidden" => Self::Forbidden { detail },
            "not_found" => Self::NotFound,
            "invalid" => Self::Invalid { detail, errors: errors.unwrap_or_default() },
            "conflict" => Self::Conflict { detail },
            "too_many" => Self::TooMany { retry_after },
            "busy" => Self::Busy { retry_after },
            "unavailable" => Self::Unavailable { detail, retry_after },
            "transport" => Self::Transport { detail },
            // A newer server may have other kinds.
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_round_trips() {
        let (detail, retry_after) = ("Because.".to_owned(), 7);
        for error in [
            Error::Unauthenticated,
            Error::forbidden("No."),
            Error::NotFound,
            Error::field("name", "Enter a name."),
            Error::conflict("Taken."),
            Error::TooMany { retry_after },
            Error::Busy { retry_after },
            Error::Unavailable { detail: detail.clone(), retry_after },
            Error::Internal,
            Error::Transport { detail },
        ] {
            let json = serde_json::to_string(&error).unwrap();
            assert_eq!(serde_json::from_str::<Error>(&json).unwrap(), error, "{json}");
        }
    }
}
