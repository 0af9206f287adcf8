//! Error responses: problem details (RFC 9457).

use std::collections::BTreeMap;

use app::error::Error;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// An error as a response.
#[derive(Debug)]
pub struct Problem(pub Error);

/// Problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: the status is specific enough.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The name of the status.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong and what to do.
    detail: String,
    /// Error messages by field name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, String>,
}

/// The response to a request that reached no service.
pub fn refuse(status: StatusCode, detail: impl Into<String>) -> Response {
    respond(status, detail.into(), BTreeMap::new())
}

fn respond(status: StatusCode, detail: String, errors: BTreeMap<String, String>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = ProblemBody { kind: "about:blank", title, status: status.as_u16(), detail, errors };
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let detail = match self.0 {
            Error::Unauthenticated => "Invalid or missing API token.".to_owned(),
            ref error => error.to_string(),
        };
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after().map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        let (extra, errors) = match self.0 {
            Error::Unauthenticated => {
                (Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))), BTreeMap::new())
            }
            Error::Invalid { errors, .. } => (None, errors),
            _ => (retry_after, BTreeMap::new()),
        };
        let mut response = respond(status, detail, errors);
        if let Some((name, value)) = extra {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
