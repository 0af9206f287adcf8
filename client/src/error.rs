//! Why a call failed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL, the token or an argument can't be used, so nothing was sent.
    #[error("{0}")]
    Invalid(String),
    /// What a name stands for does not exist.
    #[error("{0}")]
    NotFound(String),
    /// There was no response. The request may have taken effect, unless it only reads.
    #[error("{0}")]
    NoResponse(String),
    /// The server refused the call, with its explanation.
    #[error(transparent)]
    Refused(Box<Problem>),
    /// The response is not that of Testbell, or is too large.
    #[error("{0}")]
    Unexpected(String),
}

impl Error {
    /// The status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.problem().map(|problem| problem.status)
    }

    /// What the server says.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    /// Whether the object does not exist, or the token has no access to it.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_)) || self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the same call may work later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::NoResponse(_) | Self::Unexpected(_) => true,
            Self::Refused(problem) => {
                problem.status.is_server_error() || problem.status == StatusCode::TOO_MANY_REQUESTS
            }
            Self::Invalid(_) | Self::NotFound(_) => false,
        }
    }
}

/// A refusal of the server (problem details, RFC 9457). As text, it has the errors of the fields too.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The status of the response.
    pub status: StatusCode,
    /// What is wrong and what to do, in a sentence.
    pub detail: String,
    /// Error messages by the name of the field or parameter.
    pub errors: BTreeMap<String, String>,
    /// How long to wait before the next request.
    pub retry_after: Option<Duration>,
    /// Whether this is the response to an earlier request with the same `Idempotency-Key`.
    pub replayed: bool,
}

impl std::error::Error for Problem {}

impl fmt::Display for Problem {
    /// Without control characters, because terminals would interpret them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = self.errors.iter().map(|(name, message)| format!(" {name}: {message}"));
        let text = format!("{}{}", self.detail, fields.collect::<String>());
        let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        write!(f, "{text} (status {})", self.status)
    }
}

/// The body of a refusal.
#[derive(Default, Deserialize)]
struct ProblemBody {
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: BTreeMap<String, String>,
}

impl Problem {
    /// Reads a refusal. A proxy in front of Testbell may answer with something else than problem details.
    pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: ProblemBody = serde_json::from_slice(body).unwrap_or_default();
        Self {
            status,
            detail: body.detail.unwrap_or_else(|| "The server refused the call.".to_owned()),
            errors: body.errors,
            retry_after: retry_after(headers),
            replayed: headers.contains_key("idempotency-replayed"),
        }
    }
}

/// Testbell sends seconds, not a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_problem_names_the_fields_and_no_control_characters() {
        let body =
            br#"{"detail": "Check the\u001b[2J fields.", "errors": {"name": "Enter a name.", "url": "Enter a URL."}}"#;
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_static("7"))]);
        let problem = Problem::read(StatusCode::UNPROCESSABLE_ENTITY, &headers, body);
        let text =
            "Check the\u{fffd}[2J fields. name: Enter a name. url: Enter a URL. (status 422 Unprocessable Entity)";
        assert_eq!(problem.to_string(), text);
        assert_eq!(problem.retry_after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn the_page_of_a_proxy_is_a_refusal_too() {
        let problem = Problem::read(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>");
        assert_eq!(problem.to_string(), "The server refused the call. (status 502 Bad Gateway)");
        assert!(Error::Refused(Box::new(problem)).is_temporary());
    }
}
