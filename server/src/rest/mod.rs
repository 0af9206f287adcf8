//! The public REST API: thin handlers over the services, one file per subject. The OpenAPI document is
//! generated from the annotations of the handlers, so that it always matches what is served.

mod account;
mod audit;
mod comments;
mod contract;
mod custom_events;
mod deliveries;
mod docs;
mod document;
mod email_settings;
mod etag;
mod events;
mod fallback;
mod history;
pub(crate) mod idempotency;
mod imports;
mod inspector;
mod integration;
mod invites;
mod issues;
mod members;
mod notifications;
mod operation_name;
mod projects;
mod range_replays;
pub(crate) mod rate_limit;
mod reference;
pub(crate) mod response;
mod search;
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

use std::sync::OnceLock;

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use contract::Contract;
use docs::Description;
use etag::{ETags, TaggedPaths};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;

use crate::app_state::AppState;
use crate::web::MAX_BODY_BYTES;
use crate::{session, testware};

/// The base of the API.
pub const V1: &str = "/api/v1";

/// The routes under [`V1`]. `cookie` is the name of the session cookie.
pub fn routes(cookie: &str, state: &AppState) -> Router<AppState> {
    let served = Served::of(cookie);
    let reader = AppState { store: state.store.for_checks(), ..state.clone() };
    let etags = ETags::new(served.tagged, served.handlers.clone().with_state(reader));
    served
        .handlers
        .layer(middleware::from_fn_with_state(etags, etag::handle))
        .layer(middleware::from_fn(contract::enforce))
        .layer(axum::Extension(served.contract))
        .layer(middleware::from_fn_with_state(state.clone(), idempotency::handle_once))
        .route("/openapi.json", get(docs::openapi))
        .layer(axum::Extension(served.description))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .fallback(fallback::not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), rate_limit::limit))
        .layer(middleware::map_response(response::no_store))
}

/// The handlers, and what the routes need of their document.
#[derive(Clone)]
struct Served {
    handlers: Router<AppState>,
    contract: Contract,
    tagged: TaggedPaths,
    description: Description,
}

impl Served {
    /// Servers of one process share it, because making it takes longer than the rest of their start. It differs
    /// only by the name of the cookie.
    fn of(cookie: &str) -> Self {
        static PLAIN: OnceLock<Served> = OnceLock::new();
        static SECURE: OnceLock<Served> = OnceLock::new();
        let shared = if cookie == session::cookie_name(true) { &SECURE } else { &PLAIN };
        shared
            .get_or_init(|| {
                let (handlers, described) = described(cookie).split_for_parts();
                let document = document::complete(&described);
                Self {
                    handlers,
                    contract: Contract::from_document(&document),
                    tagged: TaggedPaths::from_document(&document),
                    description: docs::render(&document),
                }
            })
            .clone()
    }
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
        .merge(search::routes())
        .merge(members::routes())
        .merge(invites::routes())
        .merge(tokens::routes())
        .merge(issues::routes())
        .merge(testware::rest::routes())
        .merge(comments::routes())
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
        .merge(custom_events::routes())
        .merge(imports::routes())
        .merge(audit::routes())
}
