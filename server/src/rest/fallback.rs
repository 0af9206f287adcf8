//! What is no route of the API is a problem like any other, and not a page.

use app::error::Error;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::Problem;
use super::problem::refuse;

pub async fn not_found() -> Problem {
    Problem(Error::NotFound)
}

pub async fn method_not_allowed(method: Method) -> Response {
    let detail = format!("{method} is not possible here. See /api/docs for what is.");
    refuse(StatusCode::METHOD_NOT_ALLOWED, detail)
}
