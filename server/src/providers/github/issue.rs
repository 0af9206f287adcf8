//! An issue as GitHub's webhooks and its REST API write it, parsed leniently: labels are strings or
//! objects, a pinned issue may have no state, and old payloads lack other fields.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::markup::web_url;
use crate::providers::issue::{description, labels, non_blank_name};
use crate::providers::{IssueState, TrackerIssue, lenient};

/// The JSON of an issue.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GithubIssue<'a> {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    number: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    html_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    repository_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    body: Option<Option<String>>,
    #[serde(deserialize_with = "lenient")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient")]
    state_reason: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    labels: Option<Vec<&'a RawValue>>,
    #[serde(deserialize_with = "lenient")]
    assignees: Option<Option<Vec<GithubUser>>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Option<GithubUser>>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    issue_type: Option<Option<GithubName>>,
    #[serde(deserialize_with = "lenient")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient")]
    pull_request: Option<Object>,
}

#[derive(Deserialize)]
struct GithubUser {
    login: String,
}

#[derive(Deserialize)]
struct GithubName {
    name: String,
}

/// Any object.
#[derive(Deserialize)]
struct Object {}

/// What the JSON holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParsedIssue {
    /// An issue.
    Issue(Box<TrackerIssue>),
    /// A pull request, which GitHub numbers and sends like an issue.
    PullRequest,
    /// Neither; the sentence says what is missing.
    Unusable(&'static str),
}

impl GithubIssue<'_> {
    /// The id, for an issue that is only referred to.
    #[must_use]
    pub fn external_id(&self) -> Option<String> {
        self.id.map(|id| id.to_string())
    }

    /// Whether it is the issue of Testbell's own test events. GitHub has no such issue: its ids and
    /// numbers start at 1.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id == Some(0) && self.number == Some(0)
    }

    /// Parses it. `repository` is its `owner/name` if the JSON around it says so.
    #[must_use]
    pub fn parse(self, repository: Option<&str>) -> ParsedIssue {
        if self.pull_request.is_some() {
            return ParsedIssue::PullRequest;
        }
        let (Some(external_id), Some(number)) = (self.external_id(), self.number) else {
            return ParsedIssue::Unusable("The issue has no id or no number.");
        };
        let Some(title) = &self.title else { return ParsedIssue::Unusable("The issue has no title.") };
        let own = self.html_url.as_deref().and_then(repository_of_page);
        let own = own.or_else(|| self.repository_url.as_deref().and_then(repository_of_api));
        let Some(repository) = repository.or(own.as_deref()) else {
            return ParsedIssue::Unusable("The payload doesn't say which repository the issue belongs to.");
        };
        let mut issue = TrackerIssue::new(external_id, &format!("{repository}#{number}")).titled(title);
        issue.origin = non_blank_name(repository);
        issue.url = self.html_url.as_deref().and_then(web_url);
        issue.description = self.body.map(|body| description(&body.unwrap_or_default()));
        issue.state = self.state.as_deref().map(|state| parse_state(state, self.state_reason.as_deref()));
        issue.issue_type = self.issue_type.map(|named| named.and_then(|named| non_blank_name(&named.name)));
        issue.labels = self.labels.map(|all| labels(all.into_iter().filter_map(label)));
        issue.assignee = match (self.assignees, self.assignee) {
            (Some(Some(all)), _) => Some(join(&all)),
            (_, Some(one)) => Some(one.and_then(|one| non_blank_name(&one.login))),
            // Gitea writes an empty list as null.
            (several, None) => several.map(|_| None),
        };
        issue.updated_at = self.updated_at;
        ParsedIssue::Issue(Box::new(issue))
    }
}

/// A reason other than completion is part of the status, as on GitHub's own pages.
fn parse_state(state: &str, reason: Option<&str>) -> IssueState {
    let kind = if state.eq_ignore_ascii_case("closed") { StatusKind::Closed } else { StatusKind::Open };
    let status = match (kind, reason) {
        (StatusKind::Closed, Some("not_planned")) => "closed as not planned".to_owned(),
        (StatusKind::Closed, Some("duplicate")) => "closed as duplicate".to_owned(),
        _ => non_blank_name(state).unwrap_or_else(|| kind.as_str().to_owned()),
    };
    IssueState { status, kind }
}

fn label(raw: &RawValue) -> Option<String> {
    serde_json::from_str::<String>(raw.get())
        .or_else(|_| serde_json::from_str::<GithubName>(raw.get()).map(|label| label.name))
        .ok()
}

fn join(logins: &[GithubUser]) -> Option<String> {
    let names: Vec<&str> = logins.iter().map(|login| login.login.as_str()).collect();
    non_blank_name(&names.join(", "))
}

/// `owner/name` from `https://github.com/owner/name/issues/1`.
fn repository_of_page(address: &str) -> Option<String> {
    let url: url::Url = address.parse().ok()?;
    let mut parts = url.path_segments()?;
    Some(format!("{}/{}", parts.next().filter(|p| !p.is_empty())?, parts.next().filter(|p| !p.is_empty())?))
}

/// `owner/name` from `https://api.github.com/repos/owner/name`.
fn repository_of_api(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/repos/")?;
    let (owner, name) = rest.split_once('/')?;
    Some(format!("{owner}/{}", name.split('/').next()?)).filter(|_| !owner.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> ParsedIssue {
        serde_json::from_str::<GithubIssue>(json).unwrap().parse(None)
    }

    fn issue(json: &str) -> TrackerIssue {
        let ParsedIssue::Issue(issue) = parse(json) else { panic!("an issue is expected") };
        *issue
    }

    const PAGE: &str = r#""id":7,"number":3,"title":"T","html_url":"https://github.com/a/b/issues/3""#;

    #[test]
    fn labels_are_strings_or_objects() {
        let issue = issue(&format!(r#"{{{PAGE},"labels":["one",{{"name":"two"}},3,{{"name":null}}]}}"#));
        assert_eq!(issue.labels.unwrap(), ["one", "two"]);
        assert_eq!(issue.key, "a/b#3");
    }

    #[test]
    fn absent_fields_are_kept_and_null_fields_cleared() {
        let absent = issue(&format!("{{{PAGE}}}"));
        assert_eq!((absent.state, absent.description, absent.assignee, absent.labels), (None, None, None, None));
        let null = issue(&format!(r#"{{{PAGE},"body":null,"assignee":null,"type":null}}"#));
        assert_eq!((null.description, null.assignee, null.issue_type), (Some(String::new()), Some(None), Some(None)));
    }

    #[test]
    fn a_malformed_field_counts_as_absent() {
        let issue = issue(&format!(r#"{{{PAGE},"state":5,"assignees":"x","updated_at":"soon","state_reason":[]}}"#));
        assert_eq!((issue.state, issue.assignee, issue.updated_at), (None, None, None));
        assert_eq!(issue.title.as_deref(), Some("T"));
    }

    #[test]
    fn a_status_reads_as_on_githubs_pages() {
        for (state, reason, status, kind) in [
            ("open", None, "open", StatusKind::Open),
            ("open", Some("reopened"), "open", StatusKind::Open),
            ("closed", None, "closed", StatusKind::Closed),
            ("closed", Some("completed"), "closed", StatusKind::Closed),
            ("closed", Some("not_planned"), "closed as not planned", StatusKind::Closed),
            ("closed", Some("duplicate"), "closed as duplicate", StatusKind::Closed),
        ] {
            assert_eq!(parse_state(state, reason), IssueState { status: status.to_owned(), kind });
        }
    }

    #[test]
    fn several_assignees_are_joined() {
        let issue = issue(&format!(r#"{{{PAGE},"assignees":[{{"login":"ada"}},{{"login":"bob"}}]}}"#));
        assert_eq!(issue.assignee, Some(Some("ada, bob".to_owned())));
    }

    #[test]
    fn pull_requests_are_not_issues() {
        assert_eq!(parse(&format!(r#"{{{PAGE},"pull_request":{{"url":"x"}}}}"#)), ParsedIssue::PullRequest);
        assert!(matches!(parse(&format!(r#"{{{PAGE},"pull_request":null}}"#)), ParsedIssue::Issue(_)));
    }

    #[test]
    fn required_fields_make_an_issue_usable() {
        for json in [
            "{}",
            r#"{"id":"x","number":1,"title":"T","html_url":"https://github.com/a/b/issues/3"}"#,
            r#"{"id":1,"number":1,"html_url":"https://github.com/a/b/issues/3"}"#,
            r#"{"id":1,"number":1,"title":"T","html_url":"nowhere"}"#,
        ] {
            assert!(matches!(parse(json), ParsedIssue::Unusable(_)), "{json}");
        }
        let of_api = r#"{"id":1,"number":1,"title":"T","repository_url":"https://ghe.example/api/v3/repos/a/b"}"#;
        assert_eq!(issue(of_api).key, "a/b#1");
    }
}
