//! Imports of test cases from files of other tools, and of Testbell itself.
//!
//! [`formats`] reads a file, and [`check`] compares its cases with what the project accepts; both write nothing, so a
//! preview ends there. An import is a row, and one transaction that [`job`] runs in the background: it creates all suites
//! and cases, writes the audit entry and completes the row. So a crash leaves no case, and the row without an end, which
//! [`run`] finds later. The progress is in memory, because nothing that a transaction has written can be seen before its end.
#![allow(missing_docs, reason = "the columns of the table are documented where their name does not say it all")]

mod check;
mod facts;
mod field_values;
pub(crate) mod formats;
mod job;
mod priority;
mod running;
mod service;
mod suites;
pub mod table;
mod write;

pub use job::run;
pub use running::RunningImports;
