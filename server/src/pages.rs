//! The pages: the app rendered on the server, and the server functions that it calls afterwards.
//!
//! A page is rendered as a whole before it is sent, so that its status is right: the database
//! answers in a millisecond, and streaming would gain nothing.

use app::model::people::Actor;
use app::service::SharedService;
use app::shell::{self, shell};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use crate::assets::Assets;
use crate::core::Core;
use crate::rest::Problem;

/// Makes ready to render: what every page loads, as the app's document wants it.
pub fn prepare(built: &Assets) -> shell::Assets {
    // An error means that another router of this process has done it.
    let _ = any_spawner::Executor::init_tokio();
    shell::Assets { js: built.js.clone(), wasm: built.wasm.clone(), css: built.css.clone() }
}

/// `/ui/...`: the server functions.
pub async fn server_functions(State(core): State<Core>, request: Request) -> Response {
    let service = service(core);
    leptos_axum::handle_server_fns_with_context(move || provide_context(service.clone()), request).await.into_response()
}

/// Every other address: a page, or the page that says there is none.
pub async fn page(
    State(core): State<Core>,
    Extension(assets): Extension<shell::Assets>,
    caller: Option<Extension<Actor>>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // Whoever speaks with an API wants no page.
    if request.uri().path().starts_with("/api/") {
        return Problem(app::error::Error::NotFound).into_response();
    }
    match sign_in_first(caller.is_some(), &request) {
        Some(redirect) => redirect.into_response(),
        None => render(core, assets, request).await,
    }
}

fn service(core: Core) -> SharedService {
    std::sync::Arc::new(core)
}

/// Sends whoever is not signed in to sign in and back, and whoever is signed in past the sign-in.
fn sign_in_first(signed_in: bool, request: &Request) -> Option<Redirect> {
    let path = request.uri().path();
    match (path, signed_in) {
        ("/sign-in", true) => Some(Redirect::to("/")),
        ("/sign-in" | "/setup", _) | (_, true) => None,
        _ if path.starts_with("/invites/") => None,
        _ => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let query = serde_urlencoded::to_string([("next", wanted)]).unwrap_or_default();
            Some(Redirect::to(&format!("/sign-in?{query}")))
        }
    }
}

async fn render(core: Core, assets: shell::Assets, request: Request<Body>) -> Response {
    let since = core.hub.latest_event_id();
    let service = service(core);
    let context = move || {
        provide_context(service.clone());
        set_headers();
    };
    leptos_axum::render_app_async_with_context(context, move || shell(assets.clone(), since.clone()))(request).await
}

/// Only scripts with this response's nonce run; pages are personal, so nothing is kept.
fn set_headers() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: https:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // A nonce is base64, so the policy is always a header's value.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
