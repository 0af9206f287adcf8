//! Why a request is rejected, and the response. A sender without a valid URL and signature learns
//! nothing else.

use app::model::delivery::InboundOutcome;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sea_orm::DbErr;
use serde_json::json;

use crate::storage::{Unavailable, report_outage};
use crate::web::Problem;

/// The outcome of a request.
pub type InboundResponse = Result<InboundOutcome, InboundError>;

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundError {
    /// The token is unknown, or its webhook, project or integration is gone.
    UnknownToken,
    /// The signature is missing, malformed or wrong.
    Unverified,
    /// The body is larger than 25 MiB.
    TooLarge,
    /// The body arrived too slowly.
    TooSlow,
    /// No memory for the body became free in time.
    Busy,
    /// The connection closed within the body.
    Broken,
    /// Verified, but with another content type.
    ContentType(&'static str),
    /// Verified, but not JSON.
    NotJson,
    /// Verified, but the payload can't be parsed.
    Unusable(&'static str),
    /// The database is unavailable.
    Unavailable(Unavailable),
    /// The database failed; the log says why.
    Internal,
}

impl InboundError {
    /// The HTTP status.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::UnknownToken => StatusCode::NOT_FOUND,
            Self::Unverified => StatusCode::UNAUTHORIZED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Broken | Self::NotJson | Self::Unusable(_) => StatusCode::BAD_REQUEST,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A sentence for the people who set up the tracker.
    pub const fn sentence(self) -> &'static str {
        match self {
            // The same text for both, so that the body doesn't reveal which.
            Self::UnknownToken | Self::Unverified => "Invalid URL or signature",
            Self::TooLarge => "The body is larger than 25 MiB.",
            Self::TooSlow => "The request body arrived too slowly. Try again.",
            Self::Busy => "Too many large requests at once. Try again later.",
            Self::Broken => "The connection closed before the complete body arrived.",
            Self::NotJson => "Invalid JSON, or nested too deeply.",
            Self::ContentType(sentence) | Self::Unusable(sentence) => sentence,
            Self::Unavailable(reason) => reason.sentence(),
            Self::Internal => "Something went wrong on the server. Try again later.",
        }
    }

    /// The label of the metric.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnknownToken => "unknown_token",
            Self::Unverified => "unverified",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Busy => "busy",
            Self::Broken => "broken",
            Self::ContentType(_) => "content_type",
            Self::NotJson => "not_json",
            Self::Unusable(_) => "unusable",
            Self::Unavailable(_) => "unavailable",
            Self::Internal => "internal",
        }
    }
}

impl IntoResponse for InboundError {
    fn into_response(self) -> Response {
        if let Self::Unavailable(reason) = self {
            return Problem(reason.into()).into_response();
        }
        let body = Json(json!({"ok": false, "error": self.sentence()}));
        let mut response = (self.status(), body).into_response();
        if self == Self::Busy {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        if matches!(self, Self::TooLarge | Self::TooSlow | Self::Busy | Self::Broken) {
            // The rest of the body is not read.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Why an event could not be stored.
#[derive(Debug)]
pub enum RecordError {
    /// The webhook was deleted meanwhile.
    WebhookDeleted,
    /// The database failed.
    Database(DbErr),
}

impl From<DbErr> for RecordError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<RecordError> for InboundError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::WebhookDeleted => Self::UnknownToken,
            RecordError::Database(error) => error.into(),
        }
    }
}

impl From<DbErr> for InboundError {
    fn from(error: DbErr) -> Self {
        report_outage(&error, "failed to store an inbound event");
        Unavailable::from_db_error(&error).map_or(Self::Internal, Self::Unavailable)
    }
}
