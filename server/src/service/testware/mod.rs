//! Testware: cases, runs and sessions, with their results. [`Testware`] says what differs between the
//! subjects, and [`operations`] does the rest for all of them. [`Execution`] and [`execution`] do the
//! same for what is worked on and completed: runs and sessions. To add a subject, implement the
//! traits in a file of its own.

mod case;
mod events;
mod execution;
mod key;
mod operations;
mod result_fields;
mod result_view;
mod results;
mod run;
mod run_cases;
mod search;
mod session;
mod subject;

use events::TestwareEvent;
use execution::Execution;
use subject::{Columns, Common, Testware};
