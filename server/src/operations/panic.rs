//! A panic in a handler fails its request and nothing else.

use std::any::Any;

use app::error::Error;
use axum::response::{IntoResponse, Response};

use crate::web::Problem;

/// Logs the panic and responds 500 without details.
#[allow(clippy::needless_pass_by_value, reason = "the layer requires it")]
pub fn respond(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(panic = text, "request handler panicked");
    Problem(Error::Internal).into_response()
}
