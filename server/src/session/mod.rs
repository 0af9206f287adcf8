//! Identifies callers, and signs users in and out.
//!
//! A request passes four layers. The session library reads the cookie ([`store`] keeps its records
//! in the database). [`cross_site`] refuses requests that another site caused.
//! [`identify`](identify::identify) finds the caller by session or API token and adds an
//! [`Actor`](app::model::people::Actor) to the request. [`first_run`] redirects to setup while no
//! user exists. The services check permissions.
//!
//! The forms ([`sign_in`], [`setup`], [`invite`], [`password_reset`]) are plain HTML forms, which
//! work before any script has loaded. [`single_sign_on`] signs in with an OpenID Connect provider. [`throttle`] slows down password guessing.

mod bearer;
mod cross_site;
mod failure;
mod first_run;
mod form;
mod identify;
mod invite;
mod lost_session;
mod password_reset;
mod setup;
mod sign_in;
mod single_sign_on;
mod store;
mod throttle;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::app_state::AppState;
use crate::oidc;
pub use throttle::Throttle;

use store::DatabaseSessions;

/// The cookie's name over http.
const COOKIE: &str = "testbell_session";
/// The cookie's name over https: browsers accept it only from this host, and only over https.
const SECURE_COOKIE: &str = "__Host-testbell_session";
/// A session ends after this many days without use.
const MAX_IDLE_DAYS: u32 = 14;
/// The maximum size of a form in bytes.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// The routes of the forms.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/session", post(sign_in::sign_in))
        .route("/session/end", post(sign_in::sign_out))
        .route("/session/oidc", get(single_sign_on::begin))
        .route(oidc::REDIRECT_PATH, get(single_sign_on::callback))
        .route("/setup", post(setup::set_up))
        .route("/invites/{token}", post(invite::accept))
        .route("/password-reset/{token}", post(password_reset::reset))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(middleware::from_fn(identify::ignore_tokens))
}

/// The name of the session cookie.
pub fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_COOKIE } else { COOKIE }
}

/// Adds the layers that identify the caller to the routes.
pub fn protect(routes: Router<AppState>, state: &AppState) -> Router<AppState> {
    let sessions = SessionManagerLayer::new(DatabaseSessions::new(state))
        .with_name(cookie_name(state.config.secure()))
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(state.config.secure())
        .with_expiry(expiry());
    routes
        .layer(middleware::from_fn_with_state(first_run::SetupGate::new(state), first_run::redirect_to_setup))
        .layer(middleware::from_fn_with_state(state.clone(), identify::identify))
        .layer(middleware::from_fn_with_state(state.clone(), cross_site::refuse))
        .layer(sessions)
        .layer(middleware::map_response(lost_session::explain))
}

fn expiry() -> Expiry {
    Expiry::OnInactivity(Duration::days(i64::from(MAX_IDLE_DAYS)))
}
