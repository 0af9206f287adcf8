//! An issue as GitLab's webhooks and its REST API write it, parsed leniently. In an event, labels and
//! assignees are next to the issue, and an issue without assignees only shows it in the list of ids.
//! Webhooks of some versions write times like `2017-12-10 16:41:28 UTC`.

use app::model::issue::StatusKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::settings;
use crate::providers::issue::{description, labels, non_blank_name};
use crate::providers::rest_client::extend;
use crate::providers::{IssueState, TrackerIssue, TrackerSite, lenient};

/// The JSON of an issue.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GitlabIssue<'a> {
    #[serde(deserialize_with = "lenient")]
    id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    iid: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    description: Option<Option<String>>,
    #[serde(deserialize_with = "lenient")]
    state: Option<String>,
    #[serde(deserialize_with = "lenient")]
    issue_type: Option<String>,
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    labels: Option<Vec<&'a RawValue>>,
    #[serde(deserialize_with = "lenient")]
    assignees: Option<Vec<GitlabUser>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Option<GitlabUser>>,
    #[serde(deserialize_with = "lenient")]
    assignee_ids: Option<Vec<u64>>,
    #[serde(deserialize_with = "lenient")]
    assignee_id: Option<Option<u64>>,
    #[serde(deserialize_with = "lenient")]
    updated_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    moved_to_id: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    duplicated_to_id: Option<u64>,
    #[serde(rename = "_links", deserialize_with = "lenient")]
    links: Option<Links>,
    #[serde(deserialize_with = "lenient")]
    references: Option<References>,
    #[serde(deserialize_with = "lenient")]
    web_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    url: Option<String>,
}

/// A user. GitLab's pages show the name.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct GitlabUser {
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    username: Option<String>,
}

/// A label is `title` in an event, and `name` in a detailed REST response.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Label {
    #[serde(deserialize_with = "lenient")]
    title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Links {
    #[serde(deserialize_with = "lenient")]
    closed_as_duplicate_of: Option<String>,
}

#[derive(Deserialize)]
struct References {
    full: String,
}

impl<'a> GitlabIssue<'a> {
    /// Whether it is the issue of Testbell's own test events. GitLab has no such issue: its ids and
    /// numbers start at 1.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id == Some(0) && self.iid == Some(0)
    }

    /// With the lists next to it in an event, unless it has its own.
    #[must_use]
    pub fn with_lists(self, labels: Option<Vec<&'a RawValue>>, assignees: Option<Vec<GitlabUser>>) -> Self {
        Self { labels: self.labels.or(labels), assignees: self.assignees.or(assignees), ..self }
    }

    /// Parses it. `project` is the path of its project if the JSON around it says so.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(self, project: Option<&str>, site: &TrackerSite<'_>) -> Result<TrackerIssue, &'static str> {
        let (Some(id), Some(number)) = (self.id, self.iid) else { return Err("The issue has no id or no iid.") };
        let base: Option<Url> = site.base_url.parse().ok();
        let in_page = || {
            let page = self.web_url.as_deref().or(self.url.as_deref())?;
            settings::project_of_page(page, base.as_ref()?)
        };
        let named = self.references.as_ref().and_then(|references| settings::split_key(&references.full));
        let project = project.or(named.map(|(project, _)| project)).filter(|project| settings::is_project(project));
        let Some(project) = project.map(str::to_owned).or_else(in_page) else {
            return Err("The payload doesn't say which project the issue belongs to.");
        };
        let mut issue = TrackerIssue::new(id.to_string(), &format!("{project}#{number}"));
        issue.url = base.as_ref().map(|base| page(base, &project, number));
        issue.assignee = self.assignee();
        issue.state = self.status();
        issue.issue_type = self.issue_type.as_deref().or(self.kind.as_deref()).map(type_name);
        issue.origin = non_blank_name(&project);
        issue.description = self.description.map(|text| description(&text.unwrap_or_default()));
        issue.labels = self.labels.map(|all| labels(all.into_iter().filter_map(label)));
        issue.updated_at = self.updated_at.as_deref().and_then(time);
        Ok(match self.title {
            Some(title) => issue.titled(&title),
            None => issue,
        })
    }

    /// Names, or the certainty that there are none.
    fn assignee(&self) -> Option<Option<String>> {
        let names = |users: &[GitlabUser]| {
            let names: Vec<&str> = users.iter().filter_map(GitlabUser::shown_name).collect();
            non_blank_name(&names.join(", "))
        };
        match (&self.assignees, &self.assignee, &self.assignee_ids, self.assignee_id) {
            (Some(all), ..) => Some(names(all)),
            (None, Some(one), ..) => Some(one.as_ref().and_then(|one| names(std::slice::from_ref(one)))),
            (None, None, Some(ids), _) if ids.is_empty() => Some(None),
            (None, None, None, Some(None)) => Some(None),
            _ => None,
        }
    }

    /// As on GitLab's pages. The state of a closed issue that was moved or is a duplicate says so.
    fn status(&self) -> Option<IssueState> {
        let state = self.state.as_deref()?;
        if !state.eq_ignore_ascii_case("closed") {
            let is_open = matches!(state.to_ascii_lowercase().as_str(), "opened" | "reopened" | "open");
            let status = if is_open { "open".to_owned() } else { non_blank_name(state)? };
            return Some(IssueState { status, kind: StatusKind::Open });
        }
        let links_duplicate = self.links.as_ref().is_some_and(|links| links.closed_as_duplicate_of.is_some());
        let status = match (self.moved_to_id, self.duplicated_to_id) {
            (Some(_), _) => "closed as moved",
            (None, Some(_)) => "closed as duplicate",
            (None, None) if links_duplicate => "closed as duplicate",
            (None, None) => "closed",
        };
        Some(IssueState { status: status.to_owned(), kind: StatusKind::Closed })
    }
}

impl GitlabUser {
    fn shown_name(&self) -> Option<&str> {
        self.name.as_deref().or(self.username.as_deref())
    }
}

/// The page of an issue, never taken from a payload, so that it leads to no other host.
fn page(base: &Url, project: &str, number: u64) -> String {
    let number = number.to_string();
    let segments: Vec<&str> = project.split('/').chain(["-", "issues", &number]).collect();
    extend(base, &segments).into()
}

/// `Test case` from `TEST_CASE`, `test_case` or `Test Case`.
fn type_name(text: &str) -> Option<String> {
    let words = text.replace('_', " ").to_lowercase();
    let mut chars = words.chars();
    let first = chars.next()?;
    non_blank_name(&format!("{}{}", first.to_uppercase(), chars.as_str()))
}

fn label(raw: &RawValue) -> Option<String> {
    let named = || serde_json::from_str::<Label>(raw.get()).ok().and_then(|label| label.title.or(label.name));
    serde_json::from_str::<String>(raw.get()).ok().or_else(named)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = || DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z").ok().map(DateTime::<Utc>::from);
    let in_utc = || NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S UTC").ok().map(|time| time.and_utc());
    text.parse().ok().or_else(in_utc).or_else(with_offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://gitlab.com", repository: "a/b", has_credentials: false };

    fn issue(rest: &str) -> TrackerIssue {
        let json = format!(r#"{{"id":7,"iid":3,"title":"T"{rest}}}"#);
        serde_json::from_str::<GitlabIssue>(&json).unwrap().parse(Some("a/b"), &SITE).unwrap()
    }

    #[test]
    fn labels_are_strings_or_objects() {
        let all = issue(r#","labels":["one",{"title":"two"},{"name":"three"},4,{"title":null}]"#);
        assert_eq!(all.labels.unwrap(), ["one", "two", "three"]);
    }

    #[test]
    fn nobody_assigned_is_told_from_unknown() {
        let assignee = |rest: &str| issue(rest).assignee;
        let both = r#","assignees":[{"name":"Ada Lovelace","username":"ada"},{"username":"bob"}]"#;
        assert_eq!(assignee(both), Some(Some("Ada Lovelace, bob".to_owned())));
        assert_eq!(assignee(r#","assignee":{"name":"Ada"}"#), Some(Some("Ada".to_owned())));
        for nobody in [r#","assignee_ids":[]"#, r#","assignee_id":null"#, r#","assignee":null"#, r#","assignees":[]"#] {
            assert_eq!(assignee(nobody), Some(None), "{nobody}");
        }
        for unknown in ["", r#","assignee_ids":[5]"#, r#","assignee_ids":[5],"assignee_id":null"#] {
            assert_eq!(assignee(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn a_status_reads_as_on_gitlabs_pages() {
        for (rest, status, kind) in [
            (r#","state":"opened""#, "open", StatusKind::Open),
            (r#","state":"reopened""#, "open", StatusKind::Open),
            (r#","state":"closed""#, "closed", StatusKind::Closed),
            (r#","state":"closed","moved_to_id":9"#, "closed as moved", StatusKind::Closed),
            (r#","state":"closed","duplicated_to_id":9"#, "closed as duplicate", StatusKind::Closed),
            (r#","state":"closed","_links":{"closed_as_duplicate_of":"x"}"#, "closed as duplicate", StatusKind::Closed),
            (r#","state":"closed","_links":{"closed_as_duplicate_of":null}"#, "closed", StatusKind::Closed),
        ] {
            assert_eq!(issue(rest).state, Some(IssueState { status: status.to_owned(), kind }), "{rest}");
        }
    }

    #[test]
    fn types_of_events_and_rest_are_the_same() {
        for rest in [r#","type":"Test Case""#, r#","issue_type":"test_case","type":"TEST_CASE""#] {
            assert_eq!(issue(rest).issue_type, Some(Some("Test case".to_owned())), "{rest}");
        }
    }

    #[test]
    fn times_of_all_versions_are_parsed() {
        for text in [
            "2017-12-10T16:41:28Z",
            "2017-12-10T17:41:28.000+01:00",
            "2017-12-10 16:41:28 UTC",
            "2017-12-10 17:41:28 +0100",
        ] {
            assert_eq!(time(text).unwrap().to_rfc3339(), "2017-12-10T16:41:28+00:00", "{text}");
        }
        assert_eq!(time("soon"), None);
    }

    #[test]
    fn malformed_and_absent_fields_change_nothing() {
        let odd = issue(r#","state":5,"assignees":"x","updated_at":7,"labels":{},"description":[]"#);
        assert_eq!(
            (odd.state, odd.assignee, odd.updated_at, odd.labels, odd.description),
            (None, None, None, None, None)
        );
        assert_eq!(issue(r#","description":null"#).description, Some(String::new()));
    }

    #[test]
    fn the_project_is_found_without_the_payload_around() {
        let of = |rest: &str| {
            let json = format!(r#"{{"id":7,"iid":3{rest}}}"#);
            serde_json::from_str::<GitlabIssue>(&json).unwrap().parse(None, &SITE).map(|issue| issue.key)
        };
        assert_eq!(of(r#","references":{"full":"a/b/c#3"}"#).unwrap(), "a/b/c#3");
        assert_eq!(of(r#","url":"https://gitlab.com/a/b/-/issues/3""#).unwrap(), "a/b#3");
        assert!(of("").is_err() && of(r#","references":{"full":"../b#3"}"#).is_err());
    }
}
