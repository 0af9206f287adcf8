//! Inspector URLs: `/inspect/{token}` accepts any request, keeps it for the admins of its project, and answers
//! as they have configured.
//!
//! [`receive`] reads a request within the limits ([`limits`]), checks its signature ([`signature_check`]),
//! stores it ([`record`]) and answers ([`answer`]). [`service`] is what admins do.
//!
//! A request needs no session and never gets a cookie. What an admin configures can't attack a browser:
//! see [`answer`].

mod answer;
mod limits;
mod receive;
mod received;
mod record;
mod service;
mod signature_check;
mod view;

use std::sync::Arc;

use axum::routing::any;
use axum::{Extension, Router};

use crate::app_state::AppState;

/// `/inspect/{token}`, with any path after it.
pub fn routes() -> Router<AppState> {
    let receive = any(receive::receive).layer(Extension(Arc::new(limits::InspectorLimits::default())));
    Router::new()
        .route("/inspect/{token}", receive.clone())
        .route("/inspect/{token}/", receive.clone())
        .route("/inspect/{token}/{*rest}", receive)
}
