//! While nobody exists, every page leads to the setup page; afterwards the setup page leads
//! home. Somebody never becomes nobody again, so that this is asked only until the first one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use app::error::Result;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use crate::core::Core;
use crate::rest::Problem;
use crate::service::users;

/// Knows whether somebody exists.
#[derive(Clone)]
pub struct Gate {
    core: Core,
    somebody: Arc<AtomicBool>,
}

impl Gate {
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), somebody: Arc::default() }
    }

    async fn somebody_exists(&self) -> Result<bool> {
        if self.somebody.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let somebody = !users::nobody_exists(&self.core).await?;
        self.somebody.store(somebody, Ordering::Relaxed);
        Ok(somebody)
    }
}

/// Redirects requests for pages, see the [module](self).
pub async fn lead_to_setup(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if !is_page(request.method(), request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    let setup = request.uri().path() == "/setup";
    match gate.somebody_exists().await {
        Ok(somebody) if somebody != setup => next.run(request).await,
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
