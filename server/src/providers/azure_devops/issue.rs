//! A work item as service hooks and the REST API write it: a map of fields. An event has all of
//! them, those that changed, or none.

use std::collections::BTreeMap;

use app::model::issue::StatusKind;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::settings::split;
use crate::markup::html;
use crate::providers::issue::{description, labels, non_blank_name};
use crate::providers::{IssueState, TrackerIssue, TrackerSite, lenient, rest_client};

/// Larger descriptions are ignored, in bytes of JSON.
const MAX_DESCRIPTION_BYTES: usize = 1024 * 1024;
const DESCRIPTION: &str = "System.Description";
const REPRO_STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";

/// A field as it was sent.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// The value.
    Value(&'a RawValue),
    /// It was cleared.
    Cleared,
}

/// A work item with the fields that were sent.
#[derive(Default)]
pub struct WorkItem<'a> {
    /// By name.
    pub fields: BTreeMap<String, Field<'a>>,
    /// The names of the fields that hold Markdown instead of HTML.
    pub markdown: Vec<String>,
    /// Whether absent fields are empty: REST omits those.
    pub complete: bool,
}

/// A work item in a REST response.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WorkItemResponse<'a> {
    /// The number of the work item.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<i64>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(deserialize_with = "lenient")]
    multiline_fields_format: Option<BTreeMap<String, String>>,
}

impl<'a> WorkItemResponse<'a> {
    /// The work item; `None` if there are no fields.
    #[must_use]
    pub fn work_item(self) -> Option<WorkItem<'a>> {
        let fields = self.fields?.into_iter().map(|(name, value)| (name, Field::Value(value))).collect();
        Some(WorkItem { fields, markdown: markdown_fields(self.multiline_fields_format), complete: true })
    }
}

/// The names of the fields that hold Markdown.
#[must_use]
pub fn markdown_fields(formats: Option<BTreeMap<String, String>>) -> Vec<String> {
    let all = formats.unwrap_or_default().into_iter();
    all.filter(|(_, format)| format.eq_ignore_ascii_case("markdown")).map(|(name, _)| name).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    display_name: String,
}

/// A work item of which only the number is known.
#[must_use]
pub fn reference(id: i64, site: &TrackerSite<'_>) -> TrackerIssue {
    let mut issue = TrackerIssue::new(id.to_string(), &format!("#{id}"));
    issue.url = page(id, site);
    issue
}

fn page(id: i64, site: &TrackerSite<'_>) -> Option<String> {
    let (organization, project) = split(site.repository)?;
    let base = rest_client::base(site.base_url).ok()?;
    Some(rest_client::extend(&base, &[organization, project, "_workitems", "edit", &id.to_string()]).into())
}

impl WorkItem<'_> {
    /// Parses it. Without a title it can only update a known issue.
    #[must_use]
    pub fn parse(&self, id: i64, site: &TrackerSite<'_>) -> TrackerIssue {
        let mut issue = reference(id, site);
        if let Some(Some(title)) = self.text("System.Title") {
            issue = issue.titled(&title);
        }
        issue.origin = self.text("System.TeamProject").flatten().as_deref().and_then(non_blank_name);
        issue.description = self.description().map(|text| description(&text));
        issue.state = self.state();
        issue.priority =
            self.text("Microsoft.VSTS.Common.Priority").map(|text| text.as_deref().and_then(non_blank_name));
        issue.issue_type = self.text("System.WorkItemType").map(|text| text.as_deref().and_then(non_blank_name));
        issue.labels = self
            .text("System.Tags")
            .map(|tags| labels(tags.unwrap_or_default().split(';').map(|tag| tag.trim().to_owned())));
        issue.assignee = self.text("System.AssignedTo").map(|name| name.as_deref().and_then(without_email));
        issue.updated_at = self.text("System.ChangedDate").flatten().as_deref().and_then(time);
        issue
    }

    /// The text of a field: `None` if it wasn't sent, `Some(None)` if it is empty.
    fn text(&self, name: &str) -> Option<Option<String>> {
        match self.fields.get(name) {
            Some(Field::Value(raw)) => Some(text(raw)),
            Some(Field::Cleared) => Some(None),
            None => self.complete.then_some(None),
        }
    }

    /// A bug is described by its repro steps, anything else by its description. The other field counts
    /// only if that one is empty.
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
        if matches!(self.fields.get(name), Some(Field::Value(raw)) if raw.get().len() > MAX_DESCRIPTION_BYTES) {
            return None;
        }
        let text = self.text(name)?.unwrap_or_default();
        if self.markdown.iter().any(|field| field == name) { Some(text) } else { Some(html::to_markdown(&text)) }
    }

    fn state(&self) -> Option<IssueState> {
        let status = non_blank_name(&self.text("System.State")??)?;
        let has_closed_date = self.text("Microsoft.VSTS.Common.ClosedDate").flatten().is_some();
        Some(IssueState { kind: kind(&status, has_closed_date), status })
    }
}

/// Whether a state is closed. The states of Microsoft's processes are known by name; a custom state
/// is closed if the work item has a closed date.
fn kind(state: &str, has_closed_date: bool) -> StatusKind {
    match state.to_ascii_lowercase().as_str() {
        "closed" | "done" | "completed" | "removed" | "inactive" => StatusKind::Closed,
        "new" | "active" | "approved" | "committed" | "resolved" | "proposed" | "to do" | "doing" | "in progress"
        | "in planning" | "design" | "ready" | "requested" | "accepted" | "open" => StatusKind::Open,
        _ if has_closed_date => StatusKind::Closed,
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

/// The name in `Name <email>`.
fn without_email(identity: &str) -> Option<String> {
    let name = identity.split_once(" <").filter(|(_, email)| email.ends_with('>')).map_or(identity, |(name, _)| name);
    non_blank_name(name)
}

/// Azure DevOps Server may omit the offset, which is then UTC.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let offset = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    offset.or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://dev.azure.com", repository: "acme/Check out", has_credentials: false };

    fn issue(fields: &str) -> TrackerIssue {
        let json = format!(r#"{{"id":5,"fields":{fields}}}"#);
        serde_json::from_str::<WorkItemResponse>(&json).unwrap().work_item().unwrap().parse(5, &SITE)
    }

    #[test]
    fn a_rest_response_is_parsed_completely() {
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
    fn absent_fields_of_a_rest_response_are_empty() {
        let issue = issue(r#"{"System.Title":"T"}"#);
        assert_eq!((issue.assignee, issue.labels, issue.priority), (Some(None), Some(Vec::new()), Some(None)));
        assert_eq!(issue.state, None);
    }

    #[test]
    fn a_bug_is_described_by_its_repro_steps() {
        let both = r#""System.Description":"<p>d</p>","Microsoft.VSTS.TCM.ReproSteps":"<p>r</p>""#;
        let of = |kind: &str, fields: &str| {
            issue(&format!(r#"{{"System.WorkItemType":"{kind}",{fields}}}"#)).description.unwrap()
        };
        assert_eq!(of("Bug", both), "r");
        assert_eq!(of("Task", both), "d");
        assert_eq!(of("Bug", r#""System.Description":"<p>d</p>""#), "d");
    }

    #[test]
    fn identities_are_strings_or_objects() {
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
    fn a_custom_state_is_closed_by_its_date() {
        assert_eq!(kind("Done", false), StatusKind::Closed);
        assert_eq!(kind("Resolved", true), StatusKind::Open);
        assert_eq!(kind("Shipped", true), StatusKind::Closed);
        assert_eq!(kind("Triage", false), StatusKind::Open);
    }

    #[test]
    fn a_markdown_field_is_not_converted() {
        let json = r#"{"id":5,"fields":{"System.Description":"**b**"},
            "multilineFieldsFormat":{"System.Description":"markdown"}}"#;
        let item = serde_json::from_str::<WorkItemResponse>(json).unwrap().work_item().unwrap();
        assert_eq!(item.parse(5, &SITE).description.as_deref(), Some("**b**"));
    }
}
