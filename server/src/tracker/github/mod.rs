//! GitHub: <https://docs.github.com/rest/issues/issues>.

pub mod issue;
mod lenient;

pub use issue::{GithubIssue, Reading};
pub use lenient::lenient;
