//! The pages: the app, rendered on the server.
//!
//! A page is rendered completely before it is sent, so that its status is right. Streaming would gain
//! nothing, because the database responds within a millisecond.

use app::chunks::ChunkFiles;
use app::components::relative_time::RenderedAt;
use app::model::people::Actor;
use app::service::SharedService;
use app::shell::{self, PageMeta, shell};
use app::testware::run::public_link::PUBLIC_RUNS_PATH;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use crate::app_state::AppState;
use crate::assets::Assets;
use crate::url_error;
use crate::web::Problem;

/// Prepares rendering. Returns the files that every page loads.
pub fn prepare(built: &Assets) -> shell::Assets {
    // An error means that it was initialized before.
    let _ = any_spawner::Executor::init_tokio();
    shell::Assets {
        js: built.js.clone(),
        loader: built.loader.clone(),
        wasm: built.wasm.clone(),
        css: built.css.clone(),
        chunks: ChunkFiles(built.chunks.clone().into()),
    }
}

/// Renders a page, or the "not found" page.
pub async fn page(
    State(state): State<AppState>,
    Extension(assets): Extension<shell::Assets>,
    caller: Option<Extension<Actor>>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    // API clients expect no page.
    if request.uri().path().starts_with("/api/") {
        return Problem(app::error::Error::NotFound).into_response();
    }
    if let Some(clean) = url_error::cleaned(request.uri()) {
        return Redirect::to(&clean).into_response();
    }
    match sign_in_first(caller.is_some(), &request) {
        Some(redirect) => redirect.into_response(),
        None => render(state, assets, caller.map(|Extension(actor)| actor), request).await,
    }
}

/// Redirects to the sign-in page and back, or away from it if the caller is signed in.
fn sign_in_first(signed_in: bool, request: &Request) -> Option<Redirect> {
    let path = request.uri().path();
    match (path, signed_in) {
        ("/sign-in", true) => Some(Redirect::to("/")),
        ("/sign-in" | "/setup", _) | (_, true) => None,
        _ if ["/invites/", "/password-reset/", PUBLIC_RUNS_PATH].iter().any(|public| path.starts_with(public)) => None,
        _ => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let query = serde_urlencoded::to_string([("next", wanted)]).unwrap_or_default();
            Some(Redirect::to(&format!("/sign-in?{query}")))
        }
    }
}

async fn render(state: AppState, assets: shell::Assets, caller: Option<Actor>, request: Request<Body>) -> Response {
    let now = state.clock.now();
    let unlisted = request.uri().path().starts_with(PUBLIC_RUNS_PATH);
    let meta = PageMeta {
        since: state.hub.latest_event_id(),
        person: caller.map(|actor| actor.id.to_string()).unwrap_or_default(),
        rendered_at_ms: now.timestamp_millis(),
        unlisted,
    };
    let service: SharedService = std::sync::Arc::new(state);
    let chunks = assets.chunks.clone();
    let context = move || {
        provide_context(service.clone());
        provide_context(chunks.clone());
        provide_context(RenderedAt(now));
        set_headers();
        if unlisted {
            keep_address_private();
        }
    };
    leptos_axum::render_app_async_with_context(context, move || shell(assets.clone(), meta.clone()))(request).await
}

/// Only scripts with the nonce of this response run. Pages are personal and never cached.
fn set_headers() {
    let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) else { return };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data: https:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // A nonce is base64, so the policy is always a valid header value.
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// The address of a public page is what gives access to it: search engines don't list it, and no other site learns it.
fn keep_address_private() {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.insert_header(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    response.insert_header(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
