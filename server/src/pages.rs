//! The pages: the app rendered on the server, and the server functions that it calls afterwards.
//!
//! A page is rendered as a whole before it is sent, so that its status is right: the database
//! answers in a millisecond, and streaming would gain nothing.

use app::model::people::Actor;
use app::service::SharedService;
use app::shell::{Assets, shell};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use crate::core::Core;
use crate::rest::Problem;

/// `/ui/...`: the server functions.
pub async fn server_functions(State(core): State<Core>, request: Request) -> Response {
    let service = service(core);
    leptos_axum::handle_server_fns_with_context(move || provide_context(service.clone()), request)
        .await
        .into_response()
}

/// Every other address: a page, or the page that says there is none.
pub async fn page(
    State(core): State<Core>,
    Extension(assets): Extension<Assets>,
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
    let service = service(core);
    match way_elsewhere(&service, caller.is_some(), &request).await {
        Ok(None) => render(service, assets, request).await,
        Ok(Some(redirect)) => redirect.into_response(),
        Err(error) => Problem(error).into_response(),
    }
}

fn service(core: Core) -> SharedService {
    std::sync::Arc::new(core)
}

/// Who is not signed in is sent to sign in, and on the first run to make the first admin.
async fn way_elsewhere(
    service: &SharedService,
    signed_in: bool,
    request: &Request,
) -> Result<Option<Redirect>, app::error::Error> {
    let path = request.uri().path();
    Ok(match (path, signed_in) {
        ("/setup", _) => (!service.needs_setup().await?).then(|| Redirect::to("/")),
        ("/sign-in", true) => Some(Redirect::to("/")),
        ("/sign-in", false) => service.needs_setup().await?.then(|| Redirect::to("/setup")),
        (_, true) => None,
        _ if path.starts_with("/invites/") => None,
        _ if service.needs_setup().await? => Some(Redirect::to("/setup")),
        _ => {
            let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
            let query = serde_urlencoded::to_string([("next", wanted)]).unwrap_or_default();
            Some(Redirect::to(&format!("/sign-in?{query}")))
        }
    })
}

async fn render(service: SharedService, assets: Assets, request: Request<Body>) -> Response {
    let context = move || {
        provide_context(service.clone());
        set_headers();
    };
    leptos_axum::render_app_async_with_context(context, move || shell(assets.clone()))(request).await
}

/// What a page may load, and who may keep or frame it: pages are personal, so nothing is cached,
/// and only scripts with this response's nonce run.
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
    let others = [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    for (name, value) in others {
        response.insert_header(name, HeaderValue::from_static(value));
    }
}
