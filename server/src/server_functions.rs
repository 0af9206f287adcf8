//! `/ui/...`: the server functions that the pages call. Invalid calls get the same statuses as in the REST
//! API (401 first, then 404, 405, 413, 415 and 422), with an error that the pages can read. leptos itself
//! would respond 400 or 500.
//!
//! A plain form that is sent before the WASM has loaded is redirected back to its page, with the
//! error in the URL: see [`crate::url_error`].

use app::api::PUBLIC;
use app::error::Error;
use app::model::people::Actor;
use app::service::SharedService;
use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::prelude::provide_context;
use leptos::server_fn::axum::server_fn_paths;

use crate::app_state::AppState;
use crate::url_error;
use crate::web::deserialize_error::explain;
use crate::web::{MAX_BODY_BYTES, is_compressed};

/// Handles a call.
pub async fn handle(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(refusal) = refuse(&parts) {
        return refusal;
    }
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return respond(&parts, StatusCode::PAYLOAD_TOO_LARGE, Error::invalid("Send at most 1 MiB."));
    };
    if !is_form(&parts) {
        // leptos would redirect every request that accepts HTML.
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let service: SharedService = std::sync::Arc::new(state);
    let request = Request::from_parts(parts, Body::from(body));
    let response = leptos_axum::handle_server_fns_with_context(move || provide_context(service.clone()), request).await;
    correct(response.into_response()).await
}

/// The response to a call that is invalid whatever its body.
fn refuse(parts: &Parts) -> Option<Response> {
    let path = parts.uri.path();
    if parts.extensions.get::<Actor>().is_none() && !PUBLIC.contains(&path) {
        let response = respond(parts, StatusCode::UNAUTHORIZED, Error::Unauthenticated);
        return Some(if is_form(parts) { Redirect::to("/sign-in").into_response() } else { response });
    }
    let mut methods = server_fn_paths().filter(|(known, _)| *known == path).map(|(_, method)| method).peekable();
    if methods.peek().is_none() {
        return Some(respond(parts, StatusCode::NOT_FOUND, Error::NotFound));
    }
    if !methods.any(|method| method == parts.method) {
        let error = Error::invalid(format!("Method not allowed: {}.", parts.method));
        return Some(respond(parts, StatusCode::METHOD_NOT_ALLOWED, error));
    }
    let error = || Error::invalid("Compressed bodies are not supported.");
    is_compressed(&parts.headers).then(|| respond(parts, StatusCode::UNSUPPORTED_MEDIA_TYPE, error()))
}

/// Whether a browser sent it as a plain form.
fn is_form(parts: &Parts) -> bool {
    let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    parts.method == Method::POST && accept.is_some_and(|accept| accept.contains("text/html"))
}

fn respond(parts: &Parts, status: StatusCode, error: Error) -> Response {
    let referer = parts.headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let back = referer.filter(|_| is_form(parts)).and_then(|page| url_error::add(page, parts.uri.path(), &error));
    match back {
        Some(back) => Redirect::to(&back).into_response(),
        None => (status, Json(error)).into_response(),
    }
}

/// Sets the status of the error, which leptos leaves at 500 for unreadable arguments, and removes
/// the error text from a redirect.
async fn correct(mut response: Response) -> Response {
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(clean) = location.and_then(url_error::without_details).and_then(|to| HeaderValue::from_str(&to).ok()) {
        response.headers_mut().insert(header::LOCATION, clean);
        return response;
    }
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let body = to_bytes(response.into_body(), MAX_BODY_BYTES).await.unwrap_or_default();
    let error = match serde_json::from_slice(&body) {
        Ok(Error::Invalid { detail, .. }) => unreadable(&detail),
        Ok(Error::Transport { detail }) => match detail.strip_prefix("error deserializing ") {
            Some(cause) => unreadable(cause.split_once(": ").map_or(cause, |(_, cause)| cause)),
            None => Error::Internal,
        },
        _ => Error::Internal,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// The error for invalid arguments.
fn unreadable(cause: &str) -> Error {
    match explain("", cause) {
        (Some(field), message) => Error::field(&field, message),
        (None, message) => Error::invalid(message),
    }
}
