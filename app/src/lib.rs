//! What the browser and the server of Testbell share: models, the service traits, pages and
//! components. Nothing here depends on the server.

// The types of a whole page are one type.
#![recursion_limit = "512"]

pub mod api;
pub mod app;
mod chunks;
pub mod components;
pub mod error;
#[cfg(feature = "hydrate")]
mod hydrate;
mod layout;
pub mod live;
pub mod local_time;
mod meta;
pub mod model;
mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod time;
mod url_state;

pub use app::App;
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
