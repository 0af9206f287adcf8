//! Inbound events: what a tracker sends to `POST /api/webhooks/{token}`.
//!
//! [`receive`] finds the webhook by its token ([`context`]), reads the body within its limits
//! ([`body`]), and lets the tracker's [`providers`](crate::providers) module verify and parse it.
//! [`apply`] then stores in one transaction the receipt (the same body is not applied twice), the
//! change to the issue or the milestone ([`milestones`]), the events that follow, and the row of the Deliveries tab ([`receipt`]).
//! If the integration has credentials, the issue is also scheduled for [`issue_sync`], and
//! [`sync_loop`] reads it from the tracker a moment later.
//!
//! A rejected call updates one record per webhook ([`refused_calls`]), at most once a second. A
//! test sent from the webhook's page ([`test_event`]) takes the same path.
//!
//! The sender gets its response once the transaction is durable, before the issue is read.

mod apply;
mod body;
mod body_slots;
mod context;
mod error;
mod issue_merge;
mod issue_sync;
mod json_check;
mod milestones;
pub(crate) mod origin;
mod receipt;
mod receive;
pub mod refused_calls;
pub mod sync_loop;
mod sync_queue;
mod sync_restart;
mod sync_retry;
mod test_event;
mod transfer;
mod upsert_issue;

use std::sync::Arc;

use axum::routing::post;
use axum::{Extension, Router};

use crate::app_state::AppState;

pub use apply::ApplyResult;
pub use issue_merge::{MAX_CLOCK_SKEW, is_older};
pub use milestones::TrackerMilestones;
pub use refused_calls::RefusedCalls;
pub use test_event::send_test_event;

/// `POST /api/webhooks/{token}`, with or without a slash at the end.
pub fn routes() -> Router<AppState> {
    let slots = Arc::new(body_slots::BodySlots::default());
    let receive = post(receive::receive).layer(Extension(slots));
    Router::new().route("/api/webhooks/{token}", receive.clone()).route("/api/webhooks/{token}/", receive)
}
