//! Testware: cases, runs and sessions. The folder of a subject has all that the app knows of it: the types of
//! its API in `mod.rs`, the payload of its events, its pages, and the server functions of its forms. What subjects
//! share is next to their folders.

pub mod api;
pub mod case;
pub mod execution;
pub mod item;
pub(crate) mod pages;
pub mod run;
pub mod session;
#[cfg(feature = "ssr")]
pub mod subject;
