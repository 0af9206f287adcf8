//! The responses of handlers, and the documentation of their problems.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response as ResponseDoc, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::V1;
use crate::web::Problem;
use crate::web::problem::ProblemBody;

/// The result of a handler.
pub type ApiResult<T> = Result<T, Problem>;

/// 201 with a `Location` relative to the base of the API.
pub struct Created<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let location: [(HeaderName, String); 1] = [(header::LOCATION, format!("{V1}{}", self.0))];
        (StatusCode::CREATED, location, Json(self.1)).into_response()
    }
}

/// Responses are personal, and some reveal a secret, so they must not be cached.
pub async fn no_store(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The problems of any request. [`document`](mod@super::document) adds those that follow from the
/// input of an operation: 404 for an ID in the path, 400, 413 and 415 for a body.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        [
            ("401", "Not signed in, or the API token is invalid"),
            ("403", "The caller's role or token doesn't allow it, or the request comes from another site"),
            ("422", "A field or parameter is invalid, unknown or missing; `errors` says which"),
            ("500", "Something went wrong on the server; the log has the cause"),
            ("503", "Testbell is busy or its database is unavailable; `Retry-After` says when to try again"),
        ]
        .map(|(status, description)| (status.to_owned(), problem(description).into()))
        .into()
    }
}

/// The problem of a request that conflicts with the current state.
pub struct Conflict;

impl IntoResponses for Conflict {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        [("409".to_owned(), problem("The request conflicts with the current state").into())].into()
    }
}

/// The problem of a request whose body refers to a missing object.
pub struct Missing;

impl IntoResponses for Missing {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        [("404".to_owned(), problem(NOT_FOUND).into())].into()
    }
}

/// The problem of a request that checks a password.
pub struct TooManyAttempts;

impl IntoResponses for TooManyAttempts {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        let description = "Too many wrong passwords; `Retry-After` says when to try again";
        [("429".to_owned(), problem(description).into())].into()
    }
}

pub const NOT_FOUND: &str = "Not found, or the caller has no access";

/// The description of a response with a problem.
pub fn problem(description: &str) -> ResponseDoc {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}
