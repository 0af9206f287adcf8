//! Every route on one screen.

use axum::routing::get;
use axum::{Extension, Router};
use tokio_util::sync::CancellationToken;

use crate::core::Core;
use crate::{inbound, live, operations, rest, session};

/// All routes with their layers.
pub fn router(core: Core, shutdown: CancellationToken) -> Router {
    let with_caller = Router::new()
        .route("/api/issues/stream", get(live::stream::open))
        .nest(rest::V1, rest::routes())
        .merge(rest::docs())
        .merge(session::routes());
    let routes = session::protect(with_caller, &core)
        // From here on nobody is signed in.
        .merge(inbound::routes())
        .merge(operations::routes())
        .layer(Extension(shutdown));
    operations::observed(routes).with_state(core)
}
