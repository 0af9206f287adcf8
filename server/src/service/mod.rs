//! The rules and the transactions, one file a subject area: the only place that decides. Each
//! file implements one of the traits of [`app::service`] on [`Core`](crate::core::Core).

pub mod access;
mod change;
pub mod issue_events;
pub mod issue_view;

pub use change::ChangeError;
