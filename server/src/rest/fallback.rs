//! Responses for unknown routes and methods, as problems.

use app::error::Error;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::web::Problem;
use crate::web::problem::refuse;

pub async fn not_found() -> Problem {
    Problem(Error::NotFound)
}

pub async fn method_not_allowed(method: Method) -> Response {
    let detail = format!("Method not allowed: {method}. The Allow header lists the allowed methods.");
    refuse(StatusCode::METHOD_NOT_ALLOWED, detail)
}
