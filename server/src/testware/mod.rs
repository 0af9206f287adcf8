//! Testware: cases, runs, sessions, milestones, automation runs and CI jobs, with the [results](result) of runs and sessions. The folder of a subject has its
//! table, its REST API, and [`TestwareRow`](row::TestwareRow), which defines what differs between the subjects. [`items`]
//! implements the rest for all of them. [`ExecutionRow`](execution::ExecutionRow) and [`execution`] do the same for runs
//! and sessions.
#![allow(missing_docs, reason = "the columns of the tables are documented where their name does not say it all")]

pub mod attachment;
pub mod automation;
pub mod case;
pub mod ci_job;
pub mod custom_field;
pub(crate) mod demo;
pub(crate) mod events;
mod execution;
mod group;
mod items;
pub(crate) mod key;
pub mod milestone;
pub mod plan;
mod report;
pub(crate) mod rest;
pub(crate) mod result;
pub mod review;
pub(crate) mod row;
pub mod run;
mod search;
pub mod session;
pub mod shared_step;
mod submission;
pub mod suite;
mod summary;

pub use events::key_and_title;
pub use items::with_key;
pub use result::latest_failures;
pub use run::cases::assignments::{assigned_to, clear_assignments};
pub use search::{active_item, open_items};
