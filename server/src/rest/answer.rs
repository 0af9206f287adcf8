//! How handlers answer, and what the documentation says of refusals.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response as ResponseDoc, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::problem::ProblemBody;
use super::{Problem, V1};

/// What a handler answers.
pub type Answer<T> = Result<T, Problem>;

/// 201 with the place of what was made, relative to the base of the API.
pub struct Created<T>(pub String, pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let location: [(HeaderName, String); 1] = [(header::LOCATION, format!("{V1}{}", self.0))];
        (StatusCode::CREATED, location, Json(self.1)).into_response()
    }
}

/// Answers are for the caller alone, and some reveal a secret: no cache keeps them.
pub async fn not_kept(mut response: Response) -> Response {
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The problems that any call may answer with.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<ResponseDoc>> {
        [
            ("401", "Nobody is signed in, or the token does not work"),
            ("403", "Only an admin of the project may do that"),
            ("404", "There is no such thing, or the caller has no access to it"),
            ("409", "It contradicts what is stored"),
            ("422", "A field breaks a rule; `errors` says which"),
        ]
        .map(|(status, description)| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name()))).build();
            let response = ResponseBuilder::new().description(description).content("application/problem+json", content);
            (status.to_owned(), response.build().into())
        })
        .into()
    }
}
