//! Replays by time range: what a webhook failed to deliver, or what it missed while it was disabled, inactive or
//! didn't exist yet.
//!
//! A replay is a row. The background [`run`] works it off: [`selection`] finds what to send, a page at a time, and
//! [`enqueue`] queues it, with the position in the same transaction. So a restart continues a replay, and on
//! several nodes nothing is queued twice. Only a few of its deliveries wait for their first attempt at a time, so
//! new events don't wait long behind it, and it can be stopped.

mod enqueue;
mod job;
mod selection;
mod service;
pub mod view;

pub use job::run;
pub use selection::select_failed;
