//! Every route on one screen.

use axum::routing::{any, get};
use axum::{Extension, Router, middleware};
use tokio_util::sync::CancellationToken;

use crate::assets::Assets;
use crate::core::Core;
use crate::{assets, inbound, live, operations, pages, rest, serve, session};

/// All routes with their layers.
pub fn router(core: Core, shutdown: CancellationToken) -> Router {
    let with_caller = Router::new()
        .route("/api/issues/stream", get(live::stream::open))
        .nest(rest::V1, rest::routes())
        .merge(rest::docs())
        .merge(session::routes())
        // These have forms of the session at the same address; all other pages are the fallback.
        .route("/setup", get(pages::page))
        .route("/invites/{token}", get(pages::page))
        .route("/ui/{*function}", any(pages::server_functions))
        // A form's address is also its page's.
        .method_not_allowed_fallback(pages::page)
        .fallback(pages::page);
    let routes = session::protect(with_caller, &core)
        .layer(middleware::from_fn_with_state(core.clock.clone(), serve::body::in_time))
        // From here on nobody is signed in.
        .merge(inbound::routes())
        .merge(operations::routes())
        .route("/pkg/{*path}", get(assets::pkg))
        .route("/favicon.svg", get(assets::public))
        .route("/robots.txt", get(assets::public))
        .layer(Extension(pages::prepare(&Assets::load())))
        .layer(Extension(shutdown));
    operations::observed(routes).with_state(core)
}
