//! An issue as Gitea's webhooks and its REST API write it: like GitHub's, but with its repository next
//! to it, and in old versions without the URL of its page.

use serde::Deserialize;
use url::Url;

use crate::providers::github::issue::{GithubIssue, ParsedIssue};
use crate::providers::github::settings;
use crate::providers::rest_client::extend;
use crate::providers::{TrackerIssue, TrackerSite, lenient};

/// The repository that an issue belongs to.
#[derive(Deserialize)]
pub struct Repository {
    /// `owner/name`.
    pub full_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WithRepository {
    #[serde(deserialize_with = "lenient")]
    repository: Option<Repository>,
}

/// Parses the JSON of an issue; `None` if it is not an object. `repository` is the `owner/name` of an issue
/// that doesn't name its own, as in old versions.
#[must_use]
pub fn parse(json: &[u8], repository: Option<&str>, site: &TrackerSite<'_>) -> Option<ParsedIssue> {
    let issue: GithubIssue = serde_json::from_slice(json).ok()?;
    let own: WithRepository = serde_json::from_slice(json).ok()?;
    let own = own.repository.map(|repository| repository.full_name);
    let repository = own.as_deref().or(repository).filter(|repository| settings::is_repository(repository));
    Some(match issue.parse(repository) {
        ParsedIssue::Issue(issue) => {
            let url = page(site, &issue.key);
            ParsedIssue::Issue(Box::new(TrackerIssue { url, ..*issue }))
        }
        other => other,
    })
}

/// The page of an issue, never taken from a payload, so that it leads to no other host.
fn page(site: &TrackerSite<'_>, key: &str) -> Option<String> {
    let base: Url = site.base_url.parse().ok()?;
    let (owner, name, number) = settings::split_key(key)?;
    Some(extend(&base, &[owner, name, "issues", &number.to_string()]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://example.com/git", repository: "a/b", has_credentials: false };

    fn issue(json: &str) -> TrackerIssue {
        let Some(ParsedIssue::Issue(issue)) = parse(json.as_bytes(), None, &SITE) else {
            panic!("an issue is expected")
        };
        *issue
    }

    #[test]
    fn the_repository_and_page_are_known_without_a_url() {
        let read = issue(r#"{"id":7,"number":3,"title":"T","repository":{"full_name":"a/b"}}"#);
        assert_eq!((read.key.as_str(), read.origin.as_deref()), ("a/b#3", Some("a/b")));
        assert_eq!(read.url.as_deref(), Some("https://example.com/git/a/b/issues/3"));
    }

    #[test]
    fn no_assignees_are_null() {
        let read = |rest: &str| {
            issue(&format!(r#"{{"id":7,"number":3,"title":"T","repository":{{"full_name":"a/b"}}{rest}}}"#)).assignee
        };
        assert_eq!(read(r#","assignees":null"#), Some(None));
        assert_eq!(read(r#","assignees":null,"assignee":{"login":"ada"}"#), Some(Some("ada".to_owned())));
        assert_eq!(read(r#","assignees":[{"login":"ada"},{"login":"bob"}]"#), Some(Some("ada, bob".to_owned())));
        assert_eq!(read(""), None);
    }

    #[test]
    fn pull_requests_are_not_issues() {
        let json = br#"{"id":7,"number":3,"title":"T","pull_request":{"merged":false}}"#;
        assert_eq!(parse(json, Some("a/b"), &SITE), Some(ParsedIssue::PullRequest));
    }
}
