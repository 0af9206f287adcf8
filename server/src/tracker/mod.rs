//! The trackers: what they say of an issue, in one shape for all of them ([`issue`]), and the
//! clients that read issues over REST. What a webhook carries and what REST answers is read by
//! the same code, so that both come to the same result.

pub mod github;
pub mod issue;

pub use issue::{State, TrackerIssue};
