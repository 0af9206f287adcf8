//! All routes of the server.

use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::assets::Assets;
use crate::{assets, inbound, inspector, live, operations, pages, rest, serve, server_functions, session};

/// The routes with their layers.
pub fn router(state: AppState, shutdown: CancellationToken) -> Router {
    let built = Assets::load();
    let cookie = session::cookie_name(state.config.secure());
    let authenticated = Router::new()
        .route("/api/issues/stream", get(live::stream::open))
        .nest(rest::V1, rest::routes(cookie, &state))
        .merge(rest::docs(&built, cookie))
        .merge(session::routes())
        // The session has forms at the same paths. All other pages are the fallback.
        .route("/setup", get(pages::page))
        .route("/invites/{token}", get(pages::page))
        .route("/password-reset/{token}", get(pages::page))
        .route("/public/runs/{token}", get(pages::page))
        .route("/ui/{*function}", any(server_functions::handle).layer(middleware::map_response(rest::no_store)))
        // The path of a form is also that of its page.
        .method_not_allowed_fallback(pages::page)
        .fallback(pages::page);
    let routes = session::protect(authenticated, &state)
        // Needs no session, and sees no cookies.
        .merge(inspector::routes())
        .layer(middleware::from_fn_with_state(state.clock.clone(), serve::body_timeout::with_body_timeout))
        // The following routes need no session.
        .merge(inbound::routes())
        .layer(middleware::from_fn_with_state(state.clone(), operations::respond_in_outage))
        .merge(operations::routes(&state))
        .route("/pkg/{*path}", get(assets::pkg))
        .route("/favicon.svg", get(assets::public))
        .route("/robots.txt", get(assets::public))
        .layer(Extension(pages::prepare(&built)))
        .layer(Extension(shutdown));
    operations::observe_routes(routes, &state).with_state(state)
}
