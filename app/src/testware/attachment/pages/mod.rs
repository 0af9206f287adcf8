//! Attaching files to results, and showing them.

pub mod file_field;
pub mod list;
pub mod upload;
