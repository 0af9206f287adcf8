//! Testware: cases, runs and sessions, with their results. A subject is a file that implements
//! [`TestwareRow`](row::TestwareRow) for its table: what differs between the subjects. [`items`] does
//! the rest for all of them. [`ExecutionRow`](execution::ExecutionRow) and [`execution`] do the same
//! for what is worked on and completed: runs and sessions.

mod case;
mod events;
mod execution;
mod items;
mod key;
mod result_fields;
mod result_view;
mod results;
mod row;
mod run;
mod run_cases;
mod search;
mod session;

pub use search::open_items;
