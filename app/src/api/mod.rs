//! The server functions of the pages: thin adapters over the services. Their routes under `/ui` are
//! for the pages only; scripts use the REST API.
//!
//! Reads are GET requests. Forms are form-encoded, so that they work before the WASM is loaded.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

pub mod account;
pub mod audit;
pub mod deliveries;
pub mod email_settings;
pub mod events;
pub mod history;
mod initial_values;
pub mod inspector;
pub mod integrations;
pub mod invites;
pub mod issues;
pub mod members;
pub mod notifications;
pub mod overview;
pub mod page_call;
pub mod projects;
pub mod range_replays;
pub mod request;
pub mod session;
pub mod shared_webhooks;
pub mod tokens;
pub mod users;
pub mod webhook_activity;
pub mod webhook_content;
pub mod webhook_pause;
pub mod webhooks;

pub use initial_values::InitialValues;

#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "ssr")]
pub use context::set_status;
#[cfg(feature = "ssr")]
use context::signed_in;
#[cfg(feature = "ssr")]
pub(crate) use context::{authenticated, service, with_status};

/// The functions that anonymous callers may call. All others answer 401 first.
#[cfg(feature = "ssr")]
pub const PUBLIC: [&str; 4] = [
    <account::ReadResetOffer as leptos::server_fn::ServerFn>::PATH,
    <session::CurrentActor as leptos::server_fn::ServerFn>::PATH,
    <invites::ReadOffer as leptos::server_fn::ServerFn>::PATH,
    <crate::testware::run::api::ReadPublicRun as leptos::server_fn::ServerFn>::PATH,
];

/// An empty form field counts as absent.
#[cfg(feature = "ssr")]
fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// Forms send CRLF line endings; Testbell stores LF, so that an unchanged text stays unchanged.
#[cfg(feature = "ssr")]
pub(crate) fn normalize_newlines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// One value in each line.
#[cfg(feature = "ssr")]
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Splits comma-separated labels.
#[cfg(feature = "ssr")]
pub(crate) fn separated(labels: &str) -> Vec<String> {
    labels.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}
