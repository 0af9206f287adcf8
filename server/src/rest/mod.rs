//! The public REST API: thin handlers over the services, one file per subject. The OpenAPI document is
//! generated from the annotations of the handlers, so that it always matches what is served.

mod account;
mod audit;
mod contract;
mod deliveries;
mod docs;
mod document;
mod email_settings;
mod events;
mod fallback;
mod history;
mod inspector;
mod integration;
mod invites;
mod issues;
mod members;
mod notifications;
mod operation_name;
mod projects;
mod range_replays;
mod reference;
pub(crate) mod response;
mod shared_webhooks;
mod tokens;
mod users;
mod webhook_activity;
mod webhook_content;
mod webhook_docs;
mod webhook_pause;
mod webhooks;

pub use docs::docs;
pub use response::no_store;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use contract::Contract;
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;
use crate::web::MAX_BODY_BYTES;
use crate::{session, testware};

/// The base of the API.
pub const V1: &str = "/api/v1";

/// The routes under [`V1`]. `cookie` is the name of the session cookie.
pub fn routes(cookie: &str) -> Router<AppState> {
    let (router, described) = described(cookie).split_for_parts();
    let document = document::complete(&described);
    router
        .layer(middleware::from_fn(contract::enforce))
        .layer(axum::Extension(Contract::from_document(&document)))
        .route("/openapi.json", get(docs::openapi))
        .layer(axum::Extension(docs::render(&document)))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .fallback(fallback::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::map_response(response::no_store))
}

/// The OpenAPI document of an instance that is reached over http.
#[must_use]
pub fn document() -> Value {
    document::complete(&described(session::cookie_name(false)).into_openapi())
}

fn described(cookie: &str) -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(docs::frame(cookie))
        .merge(account::routes())
        .merge(users::routes())
        .merge(projects::routes())
        .merge(members::routes())
        .merge(invites::routes())
        .merge(tokens::routes())
        .merge(issues::routes())
        .merge(testware::rest::routes())
        .merge(integration::routes())
        .merge(webhook_activity::routes())
        .merge(webhook_content::routes())
        .merge(webhooks::routes())
        .merge(webhook_pause::routes())
        .merge(shared_webhooks::routes())
        .merge(deliveries::routes())
        .merge(range_replays::routes())
        .merge(notifications::routes())
        .merge(email_settings::routes())
        .merge(history::routes())
        .merge(inspector::routes())
        .merge(events::routes())
        .merge(audit::routes())
}
