//! Outbound dispatch: from a delivery that is due to a recorded attempt.
//!
//! 1. [`events::outbox`](crate::events::outbox) stores an event and a delivery for each subscriber, in
//!    the transaction of the change itself. After the commit, [`DispatchNotifier`] notifies the
//!    dispatcher. The sweep of the [`delivery_queue`] finds what is due within a second without it.
//! 2. The dispatcher runs an [`endpoint_worker`] for each endpoint with something due. It loads the
//!    endpoint once for each batch, takes permits for as much as is due and as its
//!    [allowance](concurrency) says, and claims as many deliveries. A claim is a lease of a minute,
//!    written by one statement: on several nodes each delivery has one holder.
//! 3. The [destination](crate::destinations) renders a request for each delivery, and classifies the
//!    response. No transaction is open meanwhile.
//! 4. [`attempt_recorder`] writes the attempt, the delivery and the webhook's row, many results in one
//!    transaction. [`retry`] decides about the next attempt, [`health`] about the webhook. Only the
//!    holder of the lease may write.
//!
//! A failure caused by this machine ([`local_trouble`]) is no attempt: the delivery is due again after
//! a few seconds. A webhook that keeps failing is disabled: its deliveries are
//! [held](delivery_queue::held) until a person enables it again.
//!
//! Nothing is lost when the process is killed: before the claim the delivery is due, after it the
//! lease runs out (on SQLite at the next start already). A request whose result was not recorded is
//! sent once more, with the same `webhook-id`, by which the receiver recognizes it.

mod attempt;
pub mod attempt_recorder;
pub mod concurrency;
pub mod delivery_queue;
mod dispatcher;
mod endpoint;
pub mod endpoint_worker;
pub mod health;
pub mod local_trouble;
mod notifier;
pub mod retry;

pub use attempt_recorder::audit_transition;
pub use dispatcher::run;
pub use health::{HealthCause, health_change};
pub use notifier::DispatchNotifier;
