//! What handlers are given, taken out of the request; what does not fit becomes a problem that
//! says what to send instead.

use std::str::FromStr;

use app::error::Error;
use app::model::people::Actor;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::Problem;
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
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(Problem(Error::invalid(sentence(&error.body_text()))).into_response())
            }
            Err(JsonRejection::JsonSyntaxError(error)) => {
                Err(refuse(StatusCode::BAD_REQUEST, sentence(&error.body_text())))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json."))
            }
            Err(other) if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "Send at most 1 MiB."))
            }
            Err(other) => Err(refuse(other.status(), "The body could not be read to its end. Send it again.")),
        }
    }
}

/// The query of the address; 422 when a parameter does not fit.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => Err(Problem(Error::invalid(sentence(&error.body_text())))),
        }
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

/// The parser's words end without a full stop, and with a newline in some cases.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end().trim_end_matches('.'))
}
