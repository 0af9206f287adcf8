//! The business rules and their transactions, by subject. Each subject implements a trait of
//! [`app::service`] on [`AppState`](crate::app_state::AppState). Everything else is free functions.

mod audit;
pub(crate) mod capped_count;
mod change;
pub(crate) mod cursor;
mod dashboard;
pub mod deliveries;
mod email_admin;
mod integrations;
pub(crate) mod issues;
pub mod key_rotation;
mod notifications;
pub(crate) mod people;
pub mod project_overview;
mod project_search;
mod projects;
mod refused_calls;
pub(crate) mod search;
pub(crate) mod text;
pub(crate) mod webhooks;

pub use change::{TxError, TxResult};
