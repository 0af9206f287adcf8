//! Jira Cloud (<https://developer.atlassian.com/cloud/jira/platform/rest/v3/>) and Data Center
//! (<https://developer.atlassian.com/server/jira/platform/rest/>).

mod adf;
mod client;
pub mod issue;
mod wiki;

pub use client::Client;
pub use issue::JiraIssue;

/// Whether a host is one of Jira Cloud.
#[must_use]
pub fn is_cloud(host: &str) -> bool {
    host.ends_with(".atlassian.net") || host.ends_with(".jira.com")
}
