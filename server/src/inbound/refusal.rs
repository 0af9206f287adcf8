//! The answers to what is not accepted. Whoever has no valid address or signature learns only
//! that.

use app::model::delivery::InboundOutcome;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::DbErr;
use serde_json::json;

/// What the sender is told.
pub type Answer = Result<InboundOutcome, Refusal>;

/// Why an event is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token is unknown, or its webhook, project or integration is gone.
    UnknownToken,
    /// The signature is missing, malformed or wrong.
    Unverified,
    /// The body is over the limit.
    TooLarge,
    /// The body did not come in time.
    TooSlow,
    /// The connection broke within the body.
    Broken,
    /// Verified, but of another content type.
    ContentType(&'static str),
    /// Verified, but no JSON.
    NotJson,
    /// Verified, but of a shape that can't be read.
    Unusable(&'static str),
    /// The database failed; the log says why.
    Internal,
}

impl Refusal {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::UnknownToken => StatusCode::NOT_FOUND,
            Self::Unverified => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken | Self::NotJson | Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A sentence for who set up the tracker's side.
    pub const fn sentence(self) -> &'static str {
        match self {
            // One text for both, so that the body does not tell one from the other.
            Self::UnknownToken | Self::Unverified => "Not accepted: check the address and the secret.",
            Self::TooLarge => "The body is larger than 25 MiB.",
            Self::TooSlow => "The body did not come within 30 seconds.",
            Self::Broken => "The connection broke before the whole body had come.",
            Self::NotJson => "The body is not JSON, or nested too deep.",
            Self::ContentType(sentence) | Self::Unusable(sentence) => sentence,
            Self::Internal => "Something went wrong on the server. Send it again later.",
        }
    }

    /// The label of the metric.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnknownToken => "unknown_token",
            Self::Unverified => "unverified",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Broken => "broken",
            Self::ContentType(_) => "content_type",
            Self::NotJson => "not_json",
            Self::Unusable(_) => "unusable",
            Self::Internal => "internal",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Json(json!({"ok": false, "error": self.sentence()}));
        let mut response = (self.status(), body).into_response();
        if matches!(self, Self::TooLarge | Self::TooSlow | Self::Broken) {
            // What is left of the body is not worth reading.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Why nothing of an event was stored.
#[derive(Debug)]
pub enum Stop {
    /// The webhook was deleted meanwhile.
    Gone,
    /// The database failed.
    Database(DbErr),
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Gone => Self::UnknownToken,
            Stop::Database(error) => error.into(),
        }
    }
}

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        tracing::error!(%error, "the database failed");
        Self::Internal
    }
}
