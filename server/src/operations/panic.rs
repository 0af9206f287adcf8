//! A panic in a handler ends its request and nothing else.

use std::any::Any;

use app::error::Error;
use axum::response::{IntoResponse, Response};

use crate::rest::Problem;

/// Logs the panic; the caller gets a 500 that says nothing of it.
#[allow(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words");
    tracing::error!(panic = text, "a handler panicked");
    Problem(Error::Internal).into_response()
}
