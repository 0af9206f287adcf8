//! What the browser and the server of Testbell share: models, the service traits, pages and
//! components. Nothing here depends on the server.

pub mod error;
pub mod model;
#[cfg(feature = "ssr")]
pub mod service;
