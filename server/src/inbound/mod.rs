//! Inbound events: a tracker tells what became of an issue.
//!
//! The life of one: [`receive`] finds the webhook by the token in the address ([`door`]), reads
//! the body within its limits ([`body`]), and has it verified and read by the tracker's
//! [`provider`]. [`apply`] then stores, in one change, the receipt (the same body is not applied
//! twice), what the event says of the issue, Testbell's own events that follow from it, and the
//! row of the Deliveries tab ([`record`]). Where the integration has credentials the issue is
//! marked to be read from the tracker, and [`sync`] reads it a moment later.
//!
//! A test sent by hand ([`trial`]) is such an event, made here.
//!
//! The sender has its answer once the change is durable, and never hears of what happens after.

mod apply;
mod body;
mod door;
mod json;
mod merge;
mod mirror;
mod moved;
pub mod provider;
mod reading;
mod receive;
mod record;
mod refusal;
pub mod sync;
mod trial;

use std::sync::Arc;

use axum::routing::post;
use axum::{Extension, Router};

use crate::core::Core;

/// `POST /api/webhooks/{token}`.
pub fn routes() -> Router<Core> {
    let budget = Arc::new(body::Budget::default());
    Router::new().route("/api/webhooks/{token}", post(receive::receive).layer(Extension(budget)))
}
