//! Outbound dispatch: from a due delivery to a recorded attempt.
//!
//! 1. [`events::outbox`](crate::events::outbox) stores an event and a delivery for each subscriber,
//!    in the transaction of the change. After the commit, [`DispatchNotifier`] notifies the
//!    dispatcher. Without a notification, the sweep of the [`delivery_queue`] finds due deliveries
//!    within a second.
//! 2. The dispatcher runs an [`endpoint_worker`] for each endpoint with due deliveries. It loads
//!    the endpoint once per batch, takes as many permits as there are due deliveries and as its
//!    [allowance](concurrency) permits, and claims as many deliveries. A claim is a lease of a
//!    minute, written by one statement, so that on several nodes each delivery has one holder.
//! 3. The [destination](crate::destinations) renders a request for each delivery, and classifies
//!    the response. No transaction is open during the request.
//! 4. [`attempt_recorder`] writes the attempt, the delivery and the webhook's row, many results in
//!    one transaction. [`retry`] decides about the next attempt, [`health`] about the webhook. Only
//!    the holder of the lease may write.
//!
//! A failure caused by this machine ([`local_trouble`]) is not an attempt: the delivery is due
//! again after a few seconds. A webhook that keeps failing is disabled: its deliveries are
//! [held](delivery_queue::held) until a user re-enables it.
//!
//! Nothing is lost if the process is killed. Before the claim, the delivery is due; after it, the
//! lease expires (on SQLite at the next start). A request whose result was not recorded is sent
//! again with the same `webhook-id`, by which the receiver recognizes it.

mod activity;
mod attempt;
pub mod attempt_recorder;
pub mod concurrency;
pub mod custom_headers;
pub mod delivery_queue;
mod dispatcher;
pub mod endpoint;
pub mod endpoint_worker;
pub mod health;
pub mod latency;
pub mod local_trouble;
mod notifier;
pub mod recovery;
pub mod retry;
mod turns;

pub use activity::{Activity, Load};
pub use attempt_recorder::{hour_of as stats_hour, record_transition};
pub use dispatcher::run;
pub use health::{HealthCause, health_change};
pub use notifier::DispatchNotifier;
