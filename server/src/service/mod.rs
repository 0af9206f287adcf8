//! The rules and the transactions, one file a subject area: the only place that decides. Each
//! file implements one of the traits of [`app::service`] on [`Core`](crate::core::Core).

pub mod access;
mod change;

pub use change::ChangeError;
