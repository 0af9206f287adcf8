//! The URLs and project keys of Jira.

use url::Url;

/// What the paths of Jira's pages contain after the base URL.
const PAGE_PATHS: [&str; 3] = ["/browse/", "/secure/", "/projects/"];
const MAX_KEY_BYTES: usize = 200;

/// Whether a host belongs to Jira Cloud.
#[must_use]
pub fn is_cloud(host: &str) -> bool {
    host.ends_with(".atlassian.net") || host.ends_with(".jira.com")
}

/// Whether a base URL belongs to Jira Cloud.
#[must_use]
pub fn is_cloud_url(base_url: &str) -> bool {
    base_url.parse().is_ok_and(|url: Url| is_cloud(url.host_str().unwrap_or_default()))
}

/// Whether it is the URL of a page.
#[must_use]
pub fn is_page(url: &Url) -> bool {
    PAGE_PATHS.iter().any(|page| url.path().contains(page))
}

/// The project key in upper case; `None` if it can't be one.
#[must_use]
pub fn project_key(text: &str) -> Option<String> {
    let key = text.to_ascii_uppercase();
    let is_plain = key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let starts_with_letter = key.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
    (is_plain && starts_with_letter && key.len() <= MAX_KEY_BYTES).then_some(key)
}
