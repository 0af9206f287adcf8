//! Outbound dispatch: from a change in a project to a signed request at each endpoint that
//! subscribes to it.
//!
//! 1. [`outbox`] stores the event and one delivery for each subscriber, in the transaction of the
//!    change itself. What was acknowledged is in the queue.
//! 2. Once that is committed, [`Wake`] tells the [`dispatcher`] which endpoints have something
//!    due. It would find out by itself within a second: the bell only saves the wait.
//! 3. The dispatcher runs a [`lane`] for each endpoint with something due. A lane claims no more
//!    than it has room for ([`queue`]): a claim is a lease of a minute, written by one statement,
//!    so that on several nodes each delivery has one holder.
//! 4. For a batch the lane reads its [`endpoint`], decrypts address and secrets, and the
//!    [`sender`] makes one request each, in the [format](mod@format) of its kind and [signed](signature), with
//!    no transaction open.
//! 5. [`record`] writes what came of it: the attempt, the delivery, and the webhook's times, many
//!    results in one change. [`retry`] says whether and when there is a next attempt; only the
//!    holder of the lease may write.
//!
//! A webhook that keeps failing is disabled ([`health`]): its deliveries are held, and go out in
//! order once a person has enabled it again ([`backlog`]).
//!
//! Killed at any line, nothing is lost: before the claim the delivery is due, after it the lease
//! runs out (on an embedded database at the next start already). What had been sent but not
//! written is sent once more, with the same `webhook-id`, by which the receiver knows it.

pub mod backlog;
mod bound;
mod dispatcher;
mod endpoint;
pub mod envelope;
pub mod format;
pub mod health;
pub mod lane;
pub mod outbox;
pub mod queue;
pub mod record;
pub mod retry;
mod sender;
mod settle;
pub mod signature;
pub mod tally;
mod wake;

pub use dispatcher::run;
pub use wake::Wake;
