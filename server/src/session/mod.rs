//! Who is calling, and how a person signs in and out.
//!
//! A request passes four layers. The session library reads the cookie ([`store`] keeps its
//! records in the database); [`cross_site`] refuses what another site made the browser send;
//! [`identify`](identify::identify) finds the caller by the session or by an API token and hands an
//! [`Actor`](app::model::people::Actor) on as an extension of the request; [`first_run`] leads
//! to the setup page while nobody exists. What a caller may do is decided by the services.
//!
//! The doors ([`sign_in`], [`setup`], [`invite`]) take plain HTML forms, so that they work
//! before any script has come. [`throttle`] slows down whoever guesses passwords.

mod bearer;
mod client;
mod cross_site;
mod first_run;
mod form;
mod identify;
mod invite;
mod setup;
mod sign_in;
mod store;
mod throttle;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Extension, Router, middleware};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::core::Core;
use store::DatabaseSessions;
use throttle::Throttle;

/// The cookie's name.
const COOKIE: &str = "testbell_session";
/// For how many days a session lives without being used.
const DAYS: u32 = 14;
/// The most bytes of a form.
const FORM_MAX: usize = 64 * 1024;

/// Signing in and out, setting up, accepting an invitation.
pub fn routes() -> Router<Core> {
    Router::new()
        .route("/session", post(sign_in::sign_in))
        .route("/session/end", post(sign_in::sign_out))
        .route("/setup", post(setup::set_up))
        .route("/invites/{token}", post(invite::accept))
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(Extension(Arc::new(Throttle::default())))
}

/// Puts the routes behind the layers that find out who is calling.
pub fn protect(routes: Router<Core>, core: &Core) -> Router<Core> {
    let sessions = SessionManagerLayer::new(DatabaseSessions::new(core))
        .with_name(COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(core.config.secure())
        .with_expiry(expiry());
    routes
        .layer(middleware::from_fn_with_state(first_run::Gate::new(core), first_run::lead_to_setup))
        .layer(middleware::from_fn_with_state(core.clone(), identify::identify))
        .layer(middleware::from_fn_with_state(core.clone(), cross_site::refuse))
        .layer(sessions)
}

fn expiry() -> Expiry {
    Expiry::OnInactivity(Duration::days(i64::from(DAYS)))
}
