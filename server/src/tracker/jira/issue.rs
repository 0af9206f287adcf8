//! An issue as Jira's webhooks and its REST API write it, read leniently: people have other
//! names on Data Center than on Cloud, a description is wiki markup or a document, and what a
//! comment carries of its issue is a part of it.

use app::model::issue::StatusKind;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{adf, wiki};
use crate::tracker::issue::{description, labels, some_word};
use crate::tracker::{Site, State, TrackerIssue, lenient, rest};

/// The largest description that is looked at, in bytes of JSON.
const DESCRIPTION_MAX: usize = 1024 * 1024;

/// The JSON.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct JiraIssue<'a> {
    #[serde(deserialize_with = "lenient")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    key: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<Fields<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(deserialize_with = "lenient")]
    summary: Option<String>,
    #[serde(borrow, deserialize_with = "lenient")]
    description: Option<&'a RawValue>,
    #[serde(deserialize_with = "lenient")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient")]
    resolution: Option<Named>,
    #[serde(deserialize_with = "lenient")]
    priority: Option<Option<Named>>,
    #[serde(deserialize_with = "lenient")]
    issuetype: Option<Option<Named>>,
    #[serde(deserialize_with = "lenient")]
    labels: Option<Option<Vec<String>>>,
    #[serde(deserialize_with = "lenient")]
    assignee: Option<Option<Person>>,
    #[serde(deserialize_with = "lenient")]
    updated: Option<String>,
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
struct Named {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Person {
    #[serde(deserialize_with = "lenient")]
    display_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    account_id: Option<String>,
}

impl JiraIssue<'_> {
    /// Whether it is the issue of Testbell's own tests, which Jira can't have: its ids and
    /// numbers begin above 0.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.id.as_deref() == Some("0") && self.key.as_deref() == Some("TESTBELL-0")
    }

    /// Reads it; `None` without an id. One without a summary changes an issue that is known.
    #[must_use]
    pub fn read(self, site: &Site<'_>) -> Option<TrackerIssue> {
        let id = self.id.filter(|id| is_id(id))?;
        let key = self.key.as_deref().and_then(some_word).unwrap_or_else(|| id.clone());
        let mut issue = bare(id, &key, site);
        let Some(fields) = self.fields else { return Some(issue) };
        if let Some(summary) = &fields.summary {
            issue = issue.titled(summary);
        }
        issue.description = fields.description.and_then(|raw| markdown(raw.get())).map(|text| description(&text));
        issue.state = fields.status.and_then(|status| state(&status, fields.resolution.is_some()));
        issue.priority = fields.priority.map(word_of);
        issue.issue_type = fields.issuetype.map(word_of);
        issue.labels = fields.labels.map(|all| labels(all.unwrap_or_default().into_iter()));
        issue.assignee = fields.assignee.map(|person| person.and_then(Person::shown));
        issue.updated_at = fields.updated.as_deref().and_then(time);
        Some(issue)
    }
}

/// An issue of which only the id is known, and maybe the key.
#[must_use]
pub fn bare(id: String, key: &str, site: &Site<'_>) -> TrackerIssue {
    let mut issue = TrackerIssue::new(id, key);
    if issue.key != issue.external_id {
        issue.url = rest::base(site.base_url).ok().map(|base| rest::extend(&base, &["browse", &issue.key]).into());
    }
    issue
}

/// Whether it is the id of an issue: they are numbers, and go into addresses.
#[must_use]
pub fn is_id(id: &str) -> bool {
    (1..=50).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

/// A time of Jira's: its offsets have no colon, which RFC 3339 asks for.
#[must_use]
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let of_jira = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    of_jira.or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|time| time.to_utc())
}

/// The category says what a status means, whatever it is called; old servers have none.
fn state(status: &Status, is_resolved: bool) -> Option<State> {
    let is_done = status.category.as_ref().map_or(is_resolved, |category| category.key == "done");
    let kind = if is_done { StatusKind::Closed } else { StatusKind::Open };
    Some(State { status: some_word(&status.name)?, kind })
}

/// The description as Markdown: a text is wiki markup, an object a document.
fn markdown(json: &str) -> Option<String> {
    if json.len() > DESCRIPTION_MAX {
        return None;
    }
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(json).ok().map(|text| wiki::to_markdown(&text)),
        Some(b'{') => serde_json::from_str(json).ok().map(|document| adf::to_markdown(&document)),
        Some(b'n') => Some(String::new()),
        _ => None,
    }
}

fn word_of(named: Option<Named>) -> Option<String> {
    named.and_then(|named| some_word(&named.name))
}

impl Person {
    fn shown(self) -> Option<String> {
        [self.display_name, self.name, self.account_id].into_iter().flatten().find_map(|name| some_word(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site<'_> = Site { base_url: "https://example.com/jira", repository: "WEB", reads: false };

    fn issue(fields: &str) -> TrackerIssue {
        let json = format!(r#"{{"id":"10040","key":"WEB-7","fields":{fields}}}"#);
        serde_json::from_str::<JiraIssue>(&json).unwrap().read(&SITE).unwrap()
    }

    #[test]
    fn offsets_without_a_colon_are_read_and_so_are_those_with_one() {
        let expected: DateTime<Utc> = "2019-02-16T03:01:52.971Z".parse().unwrap();
        for text in ["2019-02-15T19:01:52.971-0800", "2019-02-15T19:01:52.971-08:00", "2019-02-16T03:01:52.971Z"] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        assert_eq!(time("2018-1-11 13:08:04,225"), None);
        assert_eq!(issue(r#"{"updated":1}"#).updated_at, None);
    }

    #[test]
    fn the_page_is_below_the_address_of_the_integration() {
        assert_eq!(issue("{}").url.as_deref(), Some("https://example.com/jira/browse/WEB-7"));
        assert!(issue("{}").is_bare());
    }

    #[test]
    fn a_category_says_what_a_status_means_and_without_one_the_resolution() {
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
    fn what_is_absent_is_not_said_and_what_is_null_is_cleared() {
        let absent = issue("{}");
        assert_eq!((absent.title, absent.description, absent.assignee), (None, None, None));
        let null = issue(r#"{"description":null,"assignee":null,"priority":null,"labels":null}"#);
        assert_eq!((null.description, null.assignee, null.priority), (Some(String::new()), Some(None), Some(None)));
        assert_eq!(null.labels, Some(Vec::new()));
    }

    #[test]
    fn people_have_a_name_on_cloud_and_on_data_center() {
        let named = |person: &str| issue(&format!(r#"{{"assignee":{person}}}"#)).assignee.unwrap().unwrap();
        assert_eq!(named(r#"{"displayName":"Ada","accountId":"5c"}"#), "Ada");
        assert_eq!(named(r#"{"name":"ada","key":"ada"}"#), "ada");
        assert_eq!(named(r#"{"displayName":"","accountId":"5c"}"#), "5c");
    }

    #[test]
    fn a_description_is_markup_or_a_document() {
        assert_eq!(issue(r#"{"description":"*b*"}"#).description.as_deref(), Some("**b**"));
        let document = r#"{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x"}]}]}"#;
        assert_eq!(issue(&format!(r#"{{"description":{document}}}"#)).description.as_deref(), Some("x"));
        assert_eq!(issue(r#"{"description":7}"#).description, None);
    }

    #[test]
    fn an_id_that_could_lead_elsewhere_is_none() {
        for id in ["", "..", "1/2", "1?x", "a"] {
            assert!(!is_id(id), "{id}");
        }
    }
}
