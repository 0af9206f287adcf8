//! The context of a server function: the service, the caller and the response.

use axum::http::{Method, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::error::{Error, Result};
use crate::model::people::Actor;
use crate::service::SharedService;

/// The service, for signed-in and anonymous callers alike.
pub fn service() -> Result<SharedService> {
    use_context().ok_or(Error::Internal)
}

/// The service and the caller, whom the session middleware has identified.
pub fn authenticated() -> Result<(SharedService, Actor)> {
    let actor = with_status(signed_in().ok_or(Error::Unauthenticated))?;
    Ok((service()?, actor))
}

/// The caller, if signed in.
pub fn signed_in() -> Option<Actor> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Actor>().cloned())
}

/// Sets the response status if the result is an error.
pub fn with_status<T>(result: Result<T>) -> Result<T> {
    if let Err(error) = &result
        && !is_plain_form_post()
    {
        set_status(error);
    }
    result
}

/// Sets the response status to that of an error.
pub fn set_status(error: &Error) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        if let Some(seconds) = error.retry_after() {
            response.insert_header(header::RETRY_AFTER, seconds.into());
        }
    }
}

/// Whether the browser sent a plain form, before the WASM was loaded. The answer redirects to the
/// form's page, which shows the error; an error status would prevent the redirect.
fn is_plain_form_post() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        parts.method == Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
    })
}
