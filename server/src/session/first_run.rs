//! Redirects every page to setup while no user exists, and setup to the start page afterwards.
//! Users are never deleted, so the check ends with the first one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::error::Result;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::app_state::AppState;
use crate::service::people::users;
use crate::web::Problem;

/// Knows whether a user exists.
#[derive(Clone)]
pub struct SetupGate {
    state: AppState,
    user_exists: Arc<AtomicBool>,
}

impl SetupGate {
    pub fn new(state: &AppState) -> Self {
        Self { state: state.clone(), user_exists: Arc::default() }
    }

    async fn user_exists(&self) -> Result<bool> {
        if self.user_exists.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let exists = !users::no_user_exists(&self.state).await?;
        self.user_exists.store(exists, Ordering::Relaxed);
        Ok(exists)
    }
}

/// Redirects requests for pages.
pub async fn redirect_to_setup(State(setup_gate): State<SetupGate>, request: Request, next: Next) -> Response {
    if !is_page(request.method(), request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    let is_setup = request.uri().path() == "/setup";
    match setup_gate.user_exists().await {
        Ok(user_exists) if user_exists != is_setup => next.run(request).await,
        Ok(true) => Redirect::to("/").into_response(),
        Ok(false) => Redirect::to("/setup").into_response(),
        Err(error) => Problem(error).into_response(),
    }
}

fn is_page(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(*method, Method::GET | Method::HEAD)
        && accept.contains("text/html")
        && !["/api/", "/pkg/"].iter().any(|prefix| path.starts_with(prefix))
}
