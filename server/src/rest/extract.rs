//! What handlers are given, taken out of the request; what does not fit becomes a problem that
//! says what to send instead.

use std::str::FromStr;

use app::error::Error;
use app::model::people::Actor;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::Problem;
use super::misfit;
use super::problem::refuse;

/// The most bytes of a JSON body.
pub const BODY_MAX: usize = 1024 * 1024;

/// Who is calling; 401 when nobody is.
pub struct Caller(pub Actor);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Actor>().cloned().map(Self).ok_or(Problem(Error::Unauthenticated))
    }
}

/// A JSON body: 415 when it says it is something else, 400 when it is none, 422 when its fields
/// do not fit, 413 when it is too long.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !says_json(request.headers()) {
            return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json."));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => refuse(StatusCode::PAYLOAD_TOO_LARGE, "Send at most 1 MiB."),
            status => refuse(status, "The body could not be read to its end. Send it again."),
        })?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            (path, error.into_inner())
        });
        match read.and_then(|value| json.end().map(|()| value).map_err(|error| (String::new(), error))) {
            Ok(value) => Ok(Self(value)),
            Err((path, error)) if error.is_data() => {
                Err(Problem(misfit::error(&path, &error.to_string())).into_response())
            }
            Err((_, error)) => Err(refuse(StatusCode::BAD_REQUEST, format!("The body is no JSON: {error}."))),
        }
    }
}

/// `application/json`, or a type of its own that is JSON.
fn says_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The query of the address; 422 when a parameter does not fit.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
            .map(Self)
            .map_err(|error| Problem(misfit::error(&error.path().to_string(), &error.inner().to_string())))
    }
}

/// The id in the path; what is no id of its kind names nothing, hence 404.
pub struct PathId<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.ok().and_then(|Path(text)| text.parse().ok()).map(Self).ok_or(Problem(Error::NotFound))
    }
}

/// Two ids in the path.
pub struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let ids = path.ok().and_then(|Path((a, b))| Some(Self(a.parse().ok()?, b.parse().ok()?)));
        ids.ok_or(Problem(Error::NotFound))
    }
}
