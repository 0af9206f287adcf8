//! Testware: cases, runs and sessions, with their results. The folder of a subject has its table, its REST
//! API, and [`TestwareRow`](row::TestwareRow), which defines what differs between the subjects. [`items`] implements the rest for all of them.
//! [`ExecutionRow`](execution::ExecutionRow) and [`execution`] do the same for runs and sessions.
#![allow(missing_docs, reason = "the columns of the tables are documented where their name does not say it all")]

pub mod case;
pub(crate) mod demo;
mod events;
mod execution;
mod items;
mod key;
pub(crate) mod rest;
mod result_fields;
mod result_view;
mod results;
mod row;
pub mod run;
mod search;
pub mod session;
mod summary;

pub use search::{active_item, open_items};
