//! The public REST API: thin adapters over the services, one file a subject. The description of
//! the API comes from the handlers' annotations, so that it can't drift from what is served.

mod answer;
mod audit;
mod cases;
mod deliveries;
mod docs;
mod events;
mod extract;
mod fallback;
mod integration;
mod invites;
mod issues;
mod me;
mod members;
mod misfit;
mod problem;
mod projects;
mod runs;
mod sessions;
mod tokens;
mod webhooks;

pub use docs::docs;
pub use extract::Params;
pub use problem::Problem;
pub(crate) use problem::refuse;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::core::Core;

/// The base of the API.
pub const V1: &str = "/api/v1";

/// The routes under [`V1`].
pub fn routes() -> Router<Core> {
    let (router, description) = described().split_for_parts();
    let description = docs::render(&description);
    router
        .route("/openapi.json", get(docs::openapi))
        .layer(axum::Extension(description))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .fallback(fallback::not_found)
        .layer(DefaultBodyLimit::max(extract::BODY_MAX))
        .layer(middleware::map_response(answer::not_kept))
}

fn described() -> OpenApiRouter<Core> {
    OpenApiRouter::with_openapi(docs::frame())
        .merge(me::routes())
        .merge(projects::routes())
        .merge(members::routes())
        .merge(invites::routes())
        .merge(tokens::routes())
        .merge(issues::routes())
        .merge(cases::routes())
        .merge(runs::routes())
        .merge(sessions::routes())
        .merge(integration::routes())
        .merge(webhooks::routes())
        .merge(deliveries::routes())
        .merge(events::routes())
        .merge(audit::routes())
}
