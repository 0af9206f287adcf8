//! GitHub: <https://docs.github.com/rest/issues/issues>.

mod address;
mod client;
pub mod issue;

pub use address::{is_repository, repository};
pub use client::Client;
pub use issue::{GithubIssue, Reading};
