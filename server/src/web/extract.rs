//! Extractors for handlers. An invalid request becomes a problem that says what to send instead.

use std::str::FromStr;

use app::error::Error;
use app::model::people::Actor;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use serde::de::DeserializeOwned;

use super::Problem;
use super::fields;
use super::json::{self, refuse_encoding};
use super::problem::refuse;

/// The maximum size of a JSON body in bytes.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The maximum size of a report of automated tests in bytes.
pub const MAX_REPORT_BYTES: usize = 16 * 1024 * 1024;

/// The caller; 401 without one.
pub struct Caller(pub Actor);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or(Problem(Error::Unauthenticated))
    }
}

/// A JSON body: 415 for another content type, 400 for invalid JSON, 422 for invalid fields, 413 if
/// it is too large. It may be absent if all fields are optional.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if let Some(refusal) = refuse_encoding(request.headers()) {
            return Err(refusal);
        }
        let is_post = request.method() == Method::POST;
        let says_json = says_json(request.headers());
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| refused_body(rejection.status(), "Send at most 1 MiB."))?;
        if is_post && body.is_empty() {
            return json::read(b"{}").map(Self);
        }
        if !says_json {
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json."));
        }
        json::read(&body).map(Self)
    }
}

/// The bytes of a file of at most `MAX` bytes, of any content type: 415 if it is compressed, 413 if it is too large.
/// Its route has a layer that accepts so much.
pub struct FileBody<const MAX: usize>(pub Bytes);

impl<const MAX: usize, S: Send + Sync> FromRequest<S> for FileBody<MAX> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if let Some(refusal) = refuse_encoding(request.headers()) {
            return Err(refusal);
        }
        let body = Bytes::from_request(request, state).await;
        let limit = format!("Send at most {} MiB.", MAX / (1024 * 1024));
        body.map(Self).map_err(|rejection| refused_body(rejection.status(), &limit))
    }
}

fn refused_body(status: StatusCode, limit: &str) -> Response {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => refuse(status, limit),
        status => refuse(status, "The request body is incomplete. Send it again."),
    }
}

/// `application/json`, or another JSON type.
fn says_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The query of the URL; 422 for an invalid or unknown parameter.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let query = serde_urlencoded::Deserializer::new(pairs);
        fields::deserialize(query, "Unknown parameter.").map(Self).map_err(|(broken, _)| Problem(broken.into_error()))
    }
}

/// The ID in the path; 404 for an invalid one.
pub struct PathId<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.ok().and_then(|Path(text)| text.parse().ok()).map(Self).ok_or(Problem(Error::NotFound))
    }
}

/// Two IDs in the path.
pub struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let ids = path.ok().and_then(|Path((a, b))| Some(Self(a.parse().ok()?, b.parse().ok()?)));
        ids.ok_or(Problem(Error::NotFound))
    }
}
