//! Testware: cases, runs, sessions, milestones, automation runs and CI jobs. The folder of a subject has all that the app knows of it: the types of
//! its API in `mod.rs`, the payload of its events, its pages, and the server functions of its forms. What subjects
//! share is next to their folders.

pub mod api;
pub mod attachment;
pub mod automation;
pub mod case;
pub mod ci_job;
pub mod custom_field;
pub mod execution;
pub mod group;
pub mod item;
pub mod milestone;
pub(crate) mod pages;
pub mod plan;
pub mod report;
pub mod result;
pub mod review;
pub mod run;
pub mod session;
pub mod shared_step;
#[cfg(feature = "ssr")]
pub mod subject;
pub mod submission;
pub mod suite;
