//! What the pages ask of the server: server functions of one to three lines, each an adapter over a
//! service. Their addresses under `/ui` serve the pages alone; scripts use the REST API.
//!
//! Reads are GET. What a form sends is form-encoded, so that it works before the WASM has come.
#![allow(missing_docs, reason = "the macro makes a struct of each function's arguments, which have no docs")]

pub mod audit;
pub mod cases;
pub mod deliveries;
pub mod events;
pub mod integrations;
pub mod invites;
pub mod issues;
pub mod members;
pub mod projects;
pub mod session;
pub mod testware;
mod text;
pub mod tokens;
mod was;
pub mod webhooks;
pub mod work;

pub use text::{JsonText, Text};
pub use was::Was;

#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
pub use door::set_status;
#[cfg(feature = "ssr")]
use door::{caller, signed_in, told, visitor};

/// A field of a form that was left empty says nothing.
#[cfg(feature = "ssr")]
fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// What a form sends as lines ends them as the network does; we keep them as people's files do, so
/// that sending a text unchanged changes nothing.
#[cfg(feature = "ssr")]
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Labels as a form has them: separated by commas.
#[cfg(feature = "ssr")]
fn separated(labels: &str) -> Vec<String> {
    labels.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}
