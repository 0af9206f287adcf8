//! An issue as Jira's webhooks and its REST API write it, parsed leniently: users have other
//! fields on Data Center than on Cloud, a description is wiki markup or ADF, and a comment's payload
//! has only some fields of its issue.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::markup::{adf, wiki};
use crate::providers::issue::{description, labels, non_blank_name};
use crate::providers::{IssueState, TrackerIssue, TrackerSite, lenient, rest_client};

/// Larger descriptions are ignored, in bytes of JSON.
const MAX_DESCRIPTION_BYTES: usize = 1024 * 1024;

/// The JSON of an issue.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct JiraIssue<'a> {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    key: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<JiraFields<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JiraFields<'a> {
    #[serde(deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    description: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient")]
    resolution: Option<JiraName>,
    #[serde(deserialize_with = "lenient")]
    priority: Option<Option<JiraName>>,
    #[serde(deserialize_with = "lenient")]
    issuetype: Option<Option<JiraName>>,
    #[serde(deserialize_with = "lenient")]
    labels: Option<Option<Vec<String>>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Option<JiraUser>>,
    #[serde(deserialize_with = "lenient")]
    updated: Option<String>,
    #[serde(deserialize_with = "lenient")]
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
}

#[derive(Deserialize)]
struct Status {
    name: String,
    #[serde(default, rename = "statusCategory", deserialize_with = "lenient")]
    category: Option<Category>,
}

#[derive(Deserialize)]
struct Category {
    key: String,
}

#[derive(Deserialize)]
struct JiraName {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct JiraUser {
    #[serde(deserialize_with = "lenient")]
    display_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    account_id: Option<String>,
}

impl JiraIssue<'_> {
    /// Whether it is the issue of Testbell's own test events. Jira has no such issue: its ids and
    /// numbers start above 0.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id.as_deref() == Some("0") && self.key.as_deref() == Some("TESTBELL-0")
    }

    /// Parses it; `None` without an id. Without a summary it can only update a known issue.
    #[must_use]
    pub fn parse(self, site: &TrackerSite<'_>) -> Option<TrackerIssue> {
        let id = self.id.filter(|id| is_id(id))?;
        let key = self.key.as_deref().and_then(non_blank_name).unwrap_or_else(|| id.clone());
        let mut issue = reference(id, &key, site);
        let Some(fields) = self.fields else { return Some(issue) };
        if let Some(summary) = &fields.summary {
            issue = issue.titled(summary);
        }
        issue.description = fields.description.and_then(|raw| markdown(raw.get())).map(|text| description(&text));
        issue.state = fields.status.and_then(|status| state(&status, fields.resolution.is_some()));
        issue.priority = fields.priority.map(name_of);
        issue.issue_type = fields.issuetype.map(name_of);
        issue.labels = fields.labels.map(|all| labels(all.unwrap_or_default().into_iter()));
        issue.assignee = fields.assignee.map(|user| user.and_then(JiraUser::display));
        issue.updated_at = fields.updated.as_deref().and_then(time);
        issue.origin_id = fields.project.map(|project| project.id).filter(|id| is_id(id));
        Some(issue)
    }
}

/// An issue of which only the id and perhaps the key is known.
#[must_use]
pub fn reference(id: String, key: &str, site: &TrackerSite<'_>) -> TrackerIssue {
    let mut issue = TrackerIssue::new(id, key);
    if issue.key != issue.external_id {
        // Project keys have no hyphen.
        issue.origin = issue.key.split_once('-').and_then(|(project, _)| non_blank_name(project));
        issue.url = rest_client::base(site.base_url)
            .ok()
            .map(|base| rest_client::extend(&base, &["browse", &issue.key]).into());
    }
    issue
}

/// Whether it is the id of an issue: a number, which is safe in a URL.
#[must_use]
pub fn is_id(id: &str) -> bool {
    (1..=50).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// Jira's offsets lack the colon that RFC 3339 requires.
#[must_use]
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let without_colon = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    without_colon.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|time| time.to_utc())
}

/// The category says whether a status is closed. Old servers have no categories: there, a resolved
/// issue is closed.
fn state(status: &Status, is_resolved: bool) -> Option<IssueState> {
    let is_done = status.category.as_ref().map_or(is_resolved, |category| category.key == "done");
    let kind = if is_done { StatusKind::Closed } else { StatusKind::Open };
    Some(IssueState { status: non_blank_name(&status.name)?, kind })
}

/// The description as Markdown: a string is wiki markup, an object is ADF.
fn markdown(json: &str) -> Option<String> {
    if json.len() > MAX_DESCRIPTION_BYTES {
        return None;
    }
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(json).ok().map(|text| wiki::to_markdown(&text)),
        Some(b'{') => serde_json::from_str(json).ok().map(|document| adf::to_markdown(&document)),
        Some(b'n') => Some(String::new()),
        _ => None,
    }
}

fn name_of(named: Option<JiraName>) -> Option<String> {
    named.and_then(|named| non_blank_name(&named.name))
}

impl JiraUser {
    fn display(self) -> Option<String> {
        [self.display_name, self.name, self.account_id].into_iter().flatten().find_map(|name| non_blank_name(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://example.com/jira", repository: "WEB", has_credentials: false };

    fn issue(fields: &str) -> TrackerIssue {
        let json = format!(r#"{{"id":"10040","key":"WEB-7","fields":{fields}}}"#);
        serde_json::from_str::<JiraIssue>(&json).unwrap().parse(&SITE).unwrap()
    }

    #[test]
    fn offsets_are_parsed_with_and_without_a_colon() {
        let expected: DateTime<Utc> = "2019-02-16T03:01:52.971Z".parse().unwrap();
        for text in ["2019-02-15T19:01:52.971-0800", "2019-02-15T19:01:52.971-08:00", "2019-02-16T03:01:52.971Z"] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("2018-1-11 13:08:04,225"), None);
        assert_eq!(issue(r#"{"updated":1}"#).updated_at, None);
    }

    #[test]
    fn the_issue_url_is_below_the_base_url() {
        assert_eq!(issue("{}").url.as_deref(), Some("https://example.com/jira/browse/WEB-7"));
        assert!(issue("{}").is_reference());
    }

    #[test]
    fn a_status_is_closed_by_category_or_resolution() {
        for (fields, kind) in [
            (r#"{"status":{"name":"Fertig","statusCategory":{"key":"done"}}}"#, StatusKind::Closed),
            (
                r#"{"status":{"name":"Done","statusCategory":{"key":"new"}},"resolution":{"name":"x"}}"#,
                StatusKind::Open,
            ),
            (r#"{"status":{"name":"Closed"},"resolution":{"name":"Fixed"}}"#, StatusKind::Closed),
            (r#"{"status":{"name":"Closed"},"resolution":null}"#, StatusKind::Open),
        ] {
            assert_eq!(issue(fields).state.unwrap().kind, kind, "{fields}");
        }
    }

    #[test]
    fn absent_fields_are_kept_and_null_fields_cleared() {
        let absent = issue("{}");
        assert_eq!((absent.title, absent.description, absent.assignee), (None, None, None));
        let null = issue(r#"{"description":null,"assignee":null,"priority":null,"labels":null}"#);
        assert_eq!((null.description, null.assignee, null.priority), (Some(String::new()), Some(None), Some(None)));
        assert_eq!(null.labels, Some(Vec::new()));
    }

    #[test]
    fn users_have_a_name_on_cloud_and_data_center() {
        let named = |user: &str| issue(&format!(r#"{{"assignee":{user}}}"#)).assignee.unwrap().unwrap();
        assert_eq!(named(r#"{"displayName":"Ada","accountId":"5c"}"#), "Ada");
        assert_eq!(named(r#"{"name":"ada","key":"ada"}"#), "ada");
        assert_eq!(named(r#"{"displayName":"","accountId":"5c"}"#), "5c");
    }

    #[test]
    fn a_description_is_wiki_markup_or_adf() {
        assert_eq!(issue(r#"{"description":"*b*"}"#).description.as_deref(), Some("**b**"));
        let document = r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x"}]}]}"#;
        assert_eq!(issue(&format!(r#"{{"description":{document}}}"#)).description.as_deref(), Some("x"));
        assert_eq!(issue(r#"{"description":7}"#).description, None);
    }

    #[test]
    fn an_id_that_changes_the_path_is_invalid() {
        for id in ["", "..", "1/2", "1?x", "a"] {
            assert!(!is_id(id), "{id}");
        }
    }
}
