//! An issue as GitHub's webhooks and its REST API write it, read leniently: labels are texts or
//! objects, a pinned issue may lack its state, and old payloads lack much else.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::tracker::issue::{description, labels, link, some_word};
use crate::tracker::{State, TrackerIssue, lenient};

/// The JSON.
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
    assignees: Option<Vec<Login>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Option<Login>>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    issue_type: Option<Option<Named>>,
    #[serde(deserialize_with = "lenient")]
    updated_at: Option<DateTime<Utc>>,
    #[serde(deserialize_with = "lenient")]
    pull_request: Option<Object>,
}

#[derive(Deserialize)]
struct Login {
    login: String,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Any object.
#[derive(Deserialize)]
struct Object {}

/// What the JSON turns out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// An issue.
    Issue(Box<TrackerIssue>),
    /// A pull request, which GitHub numbers and sends like an issue.
    PullRequest,
    /// Neither: the sentence says what is missing.
    Unusable(&'static str),
}

impl GithubIssue<'_> {
    /// The id alone, for an issue that is only referred to.
    #[must_use]
    pub fn external_id(&self) -> Option<String> {
        self.id.map(|id| id.to_string())
    }

    /// Whether it is the issue of Testbell's own tests, which GitHub can't have: its ids and
    /// numbers begin with 1.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id == Some(0) && self.number == Some(0)
    }

    /// Reads it. `repository` is its `owner/name` where the JSON around it says so.
    #[must_use]
    pub fn read(self, repository: Option<&str>) -> Reading {
        if self.pull_request.is_some() {
            return Reading::PullRequest;
        }
        let (Some(external_id), Some(number)) = (self.external_id(), self.number) else {
            return Reading::Unusable("The issue has no id or no number.");
        };
        let Some(title) = &self.title else { return Reading::Unusable("The issue has no title.") };
        let own = self.html_url.as_deref().and_then(repository_of_page);
        let own = own.or_else(|| self.repository_url.as_deref().and_then(repository_of_api));
        let Some(repository) = repository.or(own.as_deref()) else {
            return Reading::Unusable("It does not say which repository the issue belongs to.");
        };
        let mut issue = TrackerIssue::new(external_id, &format!("{repository}#{number}")).titled(title);
        issue.url = self.html_url.as_deref().and_then(link);
        issue.description = self.body.map(|body| description(&body.unwrap_or_default()));
        issue.state = self.state.as_deref().map(|state| read_state(state, self.state_reason.as_deref()));
        issue.issue_type = self.issue_type.map(|named| named.and_then(|named| some_word(&named.name)));
        issue.labels = self.labels.map(|all| labels(all.into_iter().filter_map(label)));
        issue.assignee = match (self.assignees, self.assignee) {
            (Some(all), _) => Some(join(&all)),
            (None, one) => one.map(|login| login.and_then(|login| some_word(&login.login))),
        };
        issue.updated_at = self.updated_at;
        Reading::Issue(Box::new(issue))
    }
}

/// `closed` stands for the ordinary end; any other is named, as GitHub's own page does.
fn read_state(state: &str, reason: Option<&str>) -> State {
    let kind = if state.eq_ignore_ascii_case("closed") { StatusKind::Closed } else { StatusKind::Open };
    let status = match (kind, reason) {
        (StatusKind::Closed, Some("not_planned")) => "closed as not planned".to_owned(),
        (StatusKind::Closed, Some("duplicate")) => "closed as duplicate".to_owned(),
        _ => some_word(state).unwrap_or_else(|| kind.as_str().to_owned()),
    };
    State { status, kind }
}

fn label(raw: &RawValue) -> Option<String> {
    serde_json::from_str::<String>(raw.get())
        .or_else(|_| serde_json::from_str::<Named>(raw.get()).map(|label| label.name))
        .ok()
}

fn join(logins: &[Login]) -> Option<String> {
    let names: Vec<&str> = logins.iter().map(|login| login.login.as_str()).collect();
    some_word(&names.join(", "))
}

/// `owner/name` out of `https://github.com/owner/name/issues/1`.
fn repository_of_page(address: &str) -> Option<String> {
    let url: url::Url = address.parse().ok()?;
    let mut parts = url.path_segments()?;
    Some(format!("{}/{}", parts.next().filter(|p| !p.is_empty())?, parts.next().filter(|p| !p.is_empty())?))
}

/// `owner/name` out of `https://api.github.com/repos/owner/name`.
fn repository_of_api(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("/repos/")?;
    let (owner, name) = rest.split_once('/')?;
    Some(format!("{owner}/{}", name.split('/').next()?)).filter(|_| !owner.is_empty() && !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Reading {
        serde_json::from_str::<GithubIssue>(json).unwrap().read(None)
    }

    fn issue(json: &str) -> TrackerIssue {
        let Reading::Issue(issue) = read(json) else { panic!("an issue is expected") };
        *issue
    }

    const PAGE: &str = r#""id":7,"number":3,"title":"T","html_url":"https://github.com/a/b/issues/3""#;

    #[test]
    fn labels_may_be_texts_or_objects_and_other_shapes_are_passed_over() {
        let issue = issue(&format!(r#"{{{PAGE},"labels":["one",{{"name":"two"}},3,{{"name":null}}]}}"#));
        assert_eq!(issue.labels.unwrap(), ["one", "two"]);
        assert_eq!(issue.key, "a/b#3");
    }

    #[test]
    fn what_is_absent_is_not_said_and_what_is_null_is_cleared() {
        let absent = issue(&format!("{{{PAGE}}}"));
        assert_eq!((absent.state, absent.description, absent.assignee, absent.labels), (None, None, None, None));
        let null = issue(&format!(r#"{{{PAGE},"body":null,"assignee":null,"type":null}}"#));
        assert_eq!((null.description, null.assignee, null.issue_type), (Some(String::new()), Some(None), Some(None)));
    }

    #[test]
    fn a_field_of_a_strange_shape_does_not_cost_the_rest() {
        let issue = issue(&format!(r#"{{{PAGE},"state":5,"assignees":"x","updated_at":"soon","state_reason":[]}}"#));
        assert_eq!((issue.state, issue.assignee, issue.updated_at), (None, None, None));
        assert_eq!(issue.title.as_deref(), Some("T"));
    }

    #[test]
    fn a_state_reads_as_on_githubs_page() {
        for (state, reason, status, kind) in [
            ("open", None, "open", StatusKind::Open),
            ("open", Some("reopened"), "open", StatusKind::Open),
            ("closed", None, "closed", StatusKind::Closed),
            ("closed", Some("completed"), "closed", StatusKind::Closed),
            ("closed", Some("not_planned"), "closed as not planned", StatusKind::Closed),
            ("closed", Some("duplicate"), "closed as duplicate", StatusKind::Closed),
        ] {
            assert_eq!(read_state(state, reason), State { status: status.to_owned(), kind });
        }
    }

    #[test]
    fn several_people_are_named_in_one_line() {
        let issue = issue(&format!(r#"{{{PAGE},"assignees":[{{"login":"ada"}},{{"login":"bob"}}]}}"#));
        assert_eq!(issue.assignee, Some(Some("ada, bob".to_owned())));
    }

    #[test]
    fn a_pull_request_is_no_issue_and_null_makes_none() {
        assert_eq!(read(&format!(r#"{{{PAGE},"pull_request":{{"url":"x"}}}}"#)), Reading::PullRequest);
        assert!(matches!(read(&format!(r#"{{{PAGE},"pull_request":null}}"#)), Reading::Issue(_)));
    }

    #[test]
    fn without_id_number_title_or_repository_there_is_nothing_to_store() {
        for json in [
            "{}",
            r#"{"id":"x","number":1,"title":"T","html_url":"https://github.com/a/b/issues/3"}"#,
            r#"{"id":1,"number":1,"html_url":"https://github.com/a/b/issues/3"}"#,
            r#"{"id":1,"number":1,"title":"T","html_url":"nowhere"}"#,
        ] {
            assert!(matches!(read(json), Reading::Unusable(_)), "{json}");
        }
        let of_api = r#"{"id":1,"number":1,"title":"T","repository_url":"https://ghe.example/api/v3/repos/a/b"}"#;
        assert_eq!(issue(of_api).key, "a/b#1");
    }
}
