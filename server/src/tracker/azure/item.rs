//! A work item as service hooks and the REST API write it: a bag of fields, in which an event
//! may have all, those that changed, or none.

use std::collections::BTreeMap;

use app::model::issue::StatusKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{html, split};
use crate::tracker::issue::{description, labels, some_word};
use crate::tracker::{Site, State, TrackerIssue, lenient, rest};

/// The largest description that is looked at, in bytes of JSON.
const DESCRIPTION_MAX: usize = 1024 * 1024;
const DESCRIPTION: &str = "System.Description";
const REPRO_STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";

/// What is told of a field: a value, or that it has none any more.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// The value.
    Value(&'a RawValue),
    /// It is empty now.
    Cleared,
}

/// A work item with what is told of its fields.
#[derive(Default)]
pub struct WorkItem<'a> {
    /// The fields.
    pub fields: BTreeMap<String, Field<'a>>,
    /// Fields that hold Markdown instead of HTML.
    pub markdown: Vec<String>,
    /// Whether a field that is not told is empty, as REST leaves those out.
    pub complete: bool,
}

/// The answer of REST.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Answer<'a> {
    /// The number of the work item.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<i64>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(deserialize_with = "lenient")]
    multiline_fields_format: Option<BTreeMap<String, String>>,
}

impl<'a> Answer<'a> {
    /// The work item; `None` for an answer that is none.
    #[must_use]
    pub fn work_item(self) -> Option<WorkItem<'a>> {
        let fields = self.fields?.into_iter().map(|(name, value)| (name, Field::Value(value))).collect();
        Some(WorkItem { fields, markdown: in_markdown(self.multiline_fields_format), complete: true })
    }
}

/// The names of the fields that hold Markdown.
#[must_use]
pub fn in_markdown(formats: Option<BTreeMap<String, String>>) -> Vec<String> {
    let all = formats.unwrap_or_default().into_iter();
    all.filter(|(_, format)| format.eq_ignore_ascii_case("markdown")).map(|(name, _)| name).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    display_name: String,
}

/// The key of a work item, as people write it.
#[must_use]
pub fn key(id: i64) -> String {
    format!("#{id}")
}

/// A work item of which only the number is known.
#[must_use]
pub fn bare(id: i64, site: &Site<'_>) -> TrackerIssue {
    let mut issue = TrackerIssue::new(id.to_string(), &key(id));
    issue.url = page(id, site);
    issue
}

fn page(id: i64, site: &Site<'_>) -> Option<String> {
    let (organisation, project) = split(site.repository)?;
    let base = rest::base(site.base_url).ok()?;
    Some(rest::extend(&base, &[organisation, project, "_workitems", "edit", &id.to_string()]).into())
}

impl WorkItem<'_> {
    /// Reads it. One without a title changes an issue that is known.
    #[must_use]
    pub fn read(&self, id: i64, site: &Site<'_>) -> TrackerIssue {
        let mut issue = bare(id, site);
        if let Some(Some(title)) = self.text("System.Title") {
            issue = issue.titled(&title);
        }
        issue.description = self.description().map(|text| description(&text));
        issue.state = self.state();
        issue.priority = self.text("Microsoft.VSTS.Common.Priority").map(|text| text.as_deref().and_then(some_word));
        issue.issue_type = self.text("System.WorkItemType").map(|text| text.as_deref().and_then(some_word));
        issue.labels = self
            .text("System.Tags")
            .map(|tags| labels(tags.unwrap_or_default().split(';').map(|tag| tag.trim().to_owned())));
        issue.assignee = self.text("System.AssignedTo").map(|name| name.as_deref().and_then(without_mail));
        issue.updated_at = self.text("System.ChangedDate").flatten().as_deref().and_then(time);
        issue
    }

    /// The text of a field: `None` when nothing is told of it, `Some(None)` when it is empty.
    fn text(&self, name: &str) -> Option<Option<String>> {
        match self.fields.get(name) {
            Some(Field::Value(raw)) => Some(text(raw)),
            Some(Field::Cleared) => Some(None),
            None => self.complete.then_some(None),
        }
    }

    /// A bug is described by how to reproduce it. Where both fields are used the other one
    /// counts only when that is empty.
    fn description(&self) -> Option<String> {
        let is_bug = matches!(self.text("System.WorkItemType"), Some(Some(kind)) if kind == "Bug");
        let order = if is_bug { [REPRO_STEPS, DESCRIPTION] } else { [DESCRIPTION, REPRO_STEPS] };
        let [first, second] = order.map(|name| self.markdown_of(name));
        match (first, second) {
            (Some(text), _) if !text.is_empty() => Some(text),
            (_, Some(text)) if !text.is_empty() => Some(text),
            (first, second) => first.or(second),
        }
    }

    fn markdown_of(&self, name: &str) -> Option<String> {
        if matches!(self.fields.get(name), Some(Field::Value(raw)) if raw.get().len() > DESCRIPTION_MAX) {
            return None;
        }
        let text = self.text(name)?.unwrap_or_default();
        if self.markdown.iter().any(|field| field == name) { Some(text) } else { Some(html::to_markdown(&text)) }
    }

    fn state(&self) -> Option<State> {
        let status = some_word(&self.text("System.State")??)?;
        let is_dated = self.text("Microsoft.VSTS.Common.ClosedDate").flatten().is_some();
        Some(State { kind: kind(&status, is_dated), status })
    }
}

/// What a state means. Those of Microsoft's processes are known by name; one of a process of
/// one's own is closed when it has a day on which it was closed.
fn kind(state: &str, is_dated: bool) -> StatusKind {
    match state.to_ascii_lowercase().as_str() {
        "closed" | "done" | "completed" | "removed" | "inactive" => StatusKind::Closed,
        "new" | "active" | "approved" | "committed" | "resolved" | "proposed" | "to do" | "doing" | "in progress"
        | "in planning" | "design" | "ready" | "requested" | "accepted" | "open" => StatusKind::Open,
        _ if is_dated => StatusKind::Closed,
        _ => StatusKind::Open,
    }
}

fn text(raw: &RawValue) -> Option<String> {
    let json = raw.get();
    let text = match json.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(json).ok()?,
        b'{' => serde_json::from_str::<Identity>(json).ok()?.display_name,
        b'0'..=b'9' | b'-' => json.to_owned(),
        _ => return None,
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// The name alone of `Name <mail>`.
fn without_mail(identity: &str) -> Option<String> {
    let name = identity.split_once(" <").filter(|(_, mail)| mail.ends_with('>')).map_or(identity, |(name, _)| name);
    some_word(name)
}

/// A time; Azure DevOps Server may leave out that it is UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let offset = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    offset.or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site<'_> = Site { base_url: "https://dev.azure.com", repository: "acme/Check out", reads: false };

    fn issue(fields: &str) -> TrackerIssue {
        let json = format!(r#"{{"id":5,"fields":{fields}}}"#);
        serde_json::from_str::<Answer>(&json).unwrap().work_item().unwrap().read(5, &SITE)
    }

    #[test]
    fn a_work_item_of_rest_is_read_whole() {
        let issue = issue(
            r#"{"System.Title":"T","System.State":"Active","System.WorkItemType":"User Story","System.Tags":"a; b",
                "Microsoft.VSTS.Common.Priority":2,"System.ChangedDate":"2017-10-04T23:32:02.18Z",
                "System.AssignedTo":{"displayName":"Ada","uniqueName":"ada@example.com"}}"#,
        );
        assert_eq!((issue.key.as_str(), issue.title.as_deref()), ("#5", Some("T")));
        assert_eq!(issue.url.as_deref(), Some("https://dev.azure.com/acme/Check%20out/_workitems/edit/5"));
        assert_eq!(issue.priority, Some(Some("2".to_owned())));
        assert_eq!(issue.assignee, Some(Some("Ada".to_owned())));
        assert_eq!(issue.labels.unwrap(), ["a", "b"]);
        assert_eq!(issue.description, Some(String::new()));
        assert_eq!(issue.updated_at.unwrap().to_rfc3339(), "2017-10-04T23:32:02.180+00:00");
    }

    #[test]
    fn rest_leaves_out_what_is_empty() {
        let issue = issue(r#"{"System.Title":"T"}"#);
        assert_eq!((issue.assignee, issue.labels, issue.priority), (Some(None), Some(Vec::new()), Some(None)));
        assert_eq!(issue.state, None);
    }

    #[test]
    fn a_bug_is_described_by_its_steps() {
        let both = r#""System.Description":"<p>d</p>","Microsoft.VSTS.TCM.ReproSteps":"<p>r</p>""#;
        let of = |kind: &str, fields: &str| {
            issue(&format!(r#"{{"System.WorkItemType":"{kind}",{fields}}}"#)).description.unwrap()
        };
        assert_eq!(of("Bug", both), "r");
        assert_eq!(of("Task", both), "d");
        assert_eq!(of("Bug", r#""System.Description":"<p>d</p>""#), "d");
    }

    #[test]
    fn identities_are_texts_or_objects() {
        for (identity, name) in [
            (r#""Ada Lovelace <ada@example.com>""#, Some("Ada Lovelace")),
            (r#""Ada""#, Some("Ada")),
            (r#"{"displayName":"Ada"}"#, Some("Ada")),
            (r#""""#, None),
            ("null", None),
        ] {
            let issue = issue(&format!(r#"{{"System.AssignedTo":{identity}}}"#));
            assert_eq!(issue.assignee.unwrap().as_deref(), name, "{identity}");
        }
    }

    #[test]
    fn a_state_of_ones_own_process_is_closed_by_its_date() {
        assert_eq!(kind("Done", false), StatusKind::Closed);
        assert_eq!(kind("Resolved", true), StatusKind::Open);
        assert_eq!(kind("Shipped", true), StatusKind::Closed);
        assert_eq!(kind("Triage", false), StatusKind::Open);
    }

    #[test]
    fn a_field_in_markdown_is_taken_as_it_is() {
        let json = r#"{"id":5,"fields":{"System.Description":"**b**"},
            "multilineFieldsFormat":{"System.Description":"markdown"}}"#;
        let item = serde_json::from_str::<Answer>(json).unwrap().work_item().unwrap();
        assert_eq!(item.read(5, &SITE).description.as_deref(), Some("**b**"));
    }
}
