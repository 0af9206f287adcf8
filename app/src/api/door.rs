//! What a server function finds in its context: the service, who is calling, and the response.

use axum::http::{Method, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::error::{Error, Result};
use crate::model::people::Actor;
use crate::service::SharedService;

/// The service, for whoever is there.
pub fn visitor() -> Result<SharedService> {
    use_context().ok_or(Error::Internal)
}

/// The service and who is calling, as the session's middleware found out.
pub fn caller() -> Result<(SharedService, Actor)> {
    let actor = told(signed_in().ok_or(Error::Unauthenticated))?;
    Ok((visitor()?, actor))
}

/// Who is calling, if anybody is signed in.
pub fn signed_in() -> Option<Actor> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Actor>().cloned())
}

/// Gives the response the status of an error.
pub fn told<T>(result: Result<T>) -> Result<T> {
    if let Err(error) = &result
        && !sent_by_a_bare_form()
    {
        set_status(error);
    }
    result
}

/// The response gets the status of an error.
pub fn set_status(error: &Error) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    }
}

/// A form that was sent before the WASM had come is answered by a way back to its page, which then
/// shows the error; another status would end the redirect.
fn sent_by_a_bare_form() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        parts.method == Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
    })
}
