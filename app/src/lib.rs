//! The code that the browser and the server share: models, service traits, pages and components.
//! Nothing here depends on the server.

// The type of a page contains the types of all its parts.
#![recursion_limit = "512"]

pub mod api;
pub mod app;
pub mod chunks;
pub mod comments;
pub mod components;
pub mod custom_events;
pub mod error;
#[cfg(feature = "hydrate")]
mod hydrate;
pub mod imports;
pub mod json;
mod layout;
pub mod live;
pub mod local_time;
mod meta;
pub mod model;
mod page_resource;
mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod testware;
pub mod time;
mod unread;
mod url_state;
mod webhook_pause;

pub use app::App;
#[cfg(feature = "hydrate")]
pub use hydrate::hydrate;
