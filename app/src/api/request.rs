//! Sends the requests of server functions from the browser.

use send_wrapper::SendWrapper;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

use super::page_call::{PendingResponse, Request, decode};
use crate::error::{Error, Result};

/// Sends a request and follows the redirect that a successful answer asks for.
pub fn send(request: Request) -> PendingResponse {
    // The browser has one thread.
    Box::pin(SendWrapper::new(async move { exchange(request).await.unwrap_or_else(|error| Err(unreachable(&error))) }))
}

async fn exchange(request: Request) -> std::result::Result<Result<String>, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    let options = RequestInit::new();
    if let Some((content_type, body)) = request.body {
        headers.set("Content-Type", content_type)?;
        options.set_method("POST");
        options.set_body(&body.into());
    }
    options.set_headers_headers(&headers);
    let abort = AbortOnDrop(Some(AbortController::new()?));
    options.set_signal(abort.signal().as_ref());
    let response = JsFuture::from(leptos::prelude::window().fetch_with_str_and_init(&request.url, &options)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    abort.forget();
    if response.status() >= 400 {
        return Ok(Err(decode::<Error>(&text).unwrap_or_else(|unreadable| unreadable)));
    }
    if response.headers().get(REDIRECT_HEADER)?.is_some() {
        let location = response.headers().get("Location")?;
        call_redirect_hook(&location.unwrap_or_else(|| response.url()));
    }
    Ok(Ok(text))
}

fn unreachable(error: &JsValue) -> Error {
    Error::from_server_fn_error(ServerFnErrorErr::Request(format!("{error:?}")))
}

/// Aborts a request that nobody waits for any more.
struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    fn signal(&self) -> Option<web_sys::AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }

    fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}
