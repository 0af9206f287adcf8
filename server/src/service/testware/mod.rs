//! Testware: cases, runs and sessions, with their results. The file of a subject implements
//! [`TestwareRow`](row::TestwareRow) for its table, which defines what differs between the
//! subjects. [`items`] implements the rest for all of them.
//! [`ExecutionRow`](execution::ExecutionRow) and [`execution`] do the same for runs and sessions.

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

pub use search::{active_item, open_items};
