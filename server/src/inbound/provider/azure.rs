//! The service hooks of Azure DevOps:
//! <https://learn.microsoft.com/azure/devops/service-hooks/events>.
//!
//! How much a hook tells is set in its subscription ("Resource details to send"): all fields,
//! no more than ids and addresses, or nothing but a sentence. Whatever names the work item will
//! do, as it is then read over REST. What can't be used is answered with 2xx all the same: any
//! other answer puts the whole subscription on probation.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Inbound, Recognised, What, basic, plain, test_headers};
use crate::tracker::azure::item::{bare, in_markdown};
use crate::tracker::azure::{Field, WorkItem};
use crate::tracker::{Site, TrackerIssue, lenient};

/// See the [module](self).
pub struct AzureDevops;

/// The number in a test: those of work items begin with 1.
const TEST_ID: i64 = -1;
const TEST: &str =
    r#"{"eventType":"workitem.created","resource":{"id":-1,"fields":{"System.Title":"Testbell's own test"}}}"#;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(deserialize_with = "lenient")]
    event_type: Option<String>,
    #[serde(deserialize_with = "lenient")]
    message: Option<Message>,
    #[serde(borrow, deserialize_with = "lenient")]
    resource: Option<Resource<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    #[serde(deserialize_with = "lenient")]
    text: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource<'a> {
    /// In an update the number of the update, else that of the work item.
    #[serde(deserialize_with = "lenient")]
    id: Option<i64>,
    #[serde(deserialize_with = "lenient")]
    work_item_id: Option<i64>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<BTreeMap<String, &'a RawValue>>,
    #[serde(borrow, deserialize_with = "lenient")]
    revision: Option<Revision<'a>>,
    #[serde(deserialize_with = "lenient")]
    multiline_fields_format: Option<BTreeMap<String, String>>,
    #[serde(deserialize_with = "lenient")]
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Revision<'a> {
    #[serde(deserialize_with = "lenient")]
    id: Option<i64>,
    #[serde(borrow, deserialize_with = "lenient")]
    fields: Option<BTreeMap<String, &'a RawValue>>,
}

/// A field in an update; either value may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    #[serde(default)]
    old_value: Option<serde::de::IgnoredAny>,
    #[serde(borrow, default)]
    new_value: Option<&'a RawValue>,
}

impl Inbound for AzureDevops {
    fn verify(&self, headers: &HeaderMap, _body: &[u8], secret: &str) -> bool {
        basic::verify(headers, secret)
    }

    fn event_name(&self, _headers: &HeaderMap) -> String {
        "unknown".to_owned()
    }

    fn recognise(&self, _headers: &HeaderMap, body: &[u8], site: &Site<'_>) -> Recognised {
        let payload = serde_json::from_slice::<Payload>(body).unwrap_or_default();
        let event = payload.event_type.as_deref().map(plain).filter(|name| !name.is_empty());
        let what = match &event {
            Some(event) => recognise(event, payload, site),
            None => What::Ignored("The payload has no eventType: it says what the event is about."),
        };
        Recognised { event: event.unwrap_or_else(|| "unknown".to_owned()), what }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The payload must come as application/json, as the service hook of type Web Hooks sends it."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let headers = test_headers(&[(header::AUTHORIZATION.as_str(), &basic::header_value(secret))]);
        (headers, Bytes::from_static(TEST.as_bytes()))
    }
}

fn recognise(event: &str, payload: Payload, site: &Site<'_>) -> What {
    let Some(verb) = event.strip_prefix("workitem.") else {
        return What::Ignored("Testbell follows work items; this event is about something else.");
    };
    let resource = payload.resource.unwrap_or_default();
    if resource.id == Some(TEST_ID) {
        return What::Test;
    }
    let is_update = verb == "updated";
    let message = payload.message.and_then(|message| message.text);
    let Some(id) = number(&resource, is_update, message.as_deref()) else {
        return What::Ignored(
            "The event does not say which work item it is about. In the service hook, set \"Resource details to \
             send\" to All.",
        );
    };
    let issue = Box::new(state(resource, is_update, id, site));
    match verb {
        "created" | "updated" | "commented" => What::Issue { issue, moved_from: None },
        "deleted" => What::Deleted(issue),
        "restored" => What::Restored(issue),
        _ => What::Ignored("Testbell does not follow this kind of event of a work item."),
    }
}

/// The number of the work item, by whatever of the event tells it.
fn number(resource: &Resource, is_update: bool, message: Option<&str>) -> Option<i64> {
    let revision = resource.revision.as_ref().and_then(|revision| revision.id);
    let own = resource.id.filter(|_| !is_update);
    let named = [resource.work_item_id, revision, own].into_iter().flatten().find(|id| *id > 0);
    named.or_else(|| resource.url.as_deref().and_then(of_address)).or_else(|| of_message(message?))
}

/// Out of `https://dev.azure.com/acme/_apis/wit/workItems/5/updates/2`.
fn of_address(address: &str) -> Option<i64> {
    let lower = address.to_ascii_lowercase();
    let rest = lower.split_once("/workitems/").or_else(|| lower.split_once("/recyclebin/"))?.1;
    rest.split(['/', '?']).next()?.parse().ok().filter(|id| *id > 0)
}

/// Out of `Bug #5 (Title) updated by Ada.`: the title comes after it.
fn of_message(text: &str) -> Option<i64> {
    let rest = text.split_once(" #")?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok().filter(|id| *id > 0)
}

fn state(resource: Resource, is_update: bool, id: i64, site: &Site<'_>) -> TrackerIssue {
    let markdown = in_markdown(resource.multiline_fields_format);
    let mut fields: BTreeMap<String, Field> = BTreeMap::new();
    let revision = resource.revision.and_then(|revision| revision.fields).unwrap_or_default();
    fields.extend(revision.into_iter().map(|(name, value)| (name, Field::Value(value))));
    // What has changed counts for more than the revision, which may be the one before.
    let told = resource.fields.unwrap_or_default().into_iter();
    fields.extend(told.map(|(name, raw)| (name, if is_update { new_value(raw) } else { Field::Value(raw) })));
    if fields.is_empty() {
        return bare(id, site);
    }
    WorkItem { fields, markdown, complete: false }.read(id, site)
}

fn new_value(raw: &RawValue) -> Field<'_> {
    match serde_json::from_str::<Update>(raw.get()) {
        Ok(Update { new_value: Some(value), .. }) => Field::Value(value),
        Ok(Update { old_value: Some(_), new_value: None }) => Field::Cleared,
        _ => Field::Value(raw),
    }
}

#[cfg(test)]
mod tests {
    use app::model::issue::StatusKind;

    use super::*;

    const SITE: Site<'_> = Site { base_url: "https://dev.azure.com", repository: "acme/Shop", reads: false };

    fn of(verb: &str, resource: &str) -> What {
        let body = format!(r#"{{"eventType":"workitem.{verb}","resource":{resource}}}"#);
        AzureDevops.recognise(&HeaderMap::new(), body.as_bytes(), &SITE).what
    }

    fn issue(verb: &str, resource: &str) -> TrackerIssue {
        let What::Issue { issue, .. } = of(verb, resource) else { panic!("an issue: {resource}") };
        *issue
    }

    #[test]
    fn the_number_of_an_update_is_not_that_of_the_work_item() {
        for resource in [
            r#"{"id":2,"workItemId":5}"#,
            r#"{"id":2,"workItemId":0,"revision":{"id":5}}"#,
            r#"{"id":2,"revision":{"id":5}}"#,
            r#"{"id":2,"url":"https://dev.azure.com/acme/_apis/wit/workItems/5/updates/2"}"#,
        ] {
            assert_eq!(issue("updated", resource).external_id, "5", "{resource}");
        }
        assert_eq!(issue("created", r#"{"id":5,"url":"x"}"#).external_id, "5");
        assert!(matches!(of("updated", r#"{"id":2}"#), What::Ignored(_)));
    }

    #[test]
    fn without_a_resource_the_sentence_names_the_work_item() {
        let body =
            r#"{"eventType":"workitem.updated","message":{"text":"Bug #5 (See #7) updated by Ada."},"resource":null}"#;
        let What::Issue { issue, .. } = AzureDevops.recognise(&HeaderMap::new(), body.as_bytes(), &SITE).what else {
            panic!("an issue")
        };
        assert!(issue.is_bare());
        assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("5", "#5"));
    }

    #[test]
    fn either_value_of_a_changed_field_may_be_absent_and_the_new_one_counts() {
        let issue = issue(
            "updated",
            r#"{"workItemId":5,"fields":{"System.State":{"oldValue":"New","newValue":"Closed"},
                "System.AssignedTo":{"oldValue":"Ada <a@example.com>"},"System.Tags":{"newValue":"a; b"}},
                "revision":{"id":5,"fields":{"System.Title":"T","System.State":"New"}}}"#,
        );
        let state = issue.state.unwrap();
        assert_eq!((state.status.as_str(), state.kind), ("Closed", StatusKind::Closed));
        assert_eq!((issue.title.as_deref(), issue.assignee), (Some("T"), Some(None)));
        assert_eq!(issue.labels.unwrap(), ["a", "b"]);
        assert_eq!((issue.description, issue.priority), (None, None));
    }

    #[test]
    fn deleted_and_restored_are_told_apart_and_the_rest_is_ignored() {
        assert!(matches!(of("deleted", r#"{"id":5}"#), What::Deleted(_)));
        assert!(matches!(of("restored", r#"{"id":5}"#), What::Restored(_)));
        assert!(matches!(of("moved", r#"{"id":5}"#), What::Ignored(_)));
        for body in ["{}", "[]", "7", r#"{"eventType":"git.push"}"#, r#"{"eventType":[]}"#] {
            let what = AzureDevops.recognise(&HeaderMap::new(), body.as_bytes(), &SITE).what;
            assert!(matches!(what, What::Ignored(_)), "{body}");
        }
    }

    #[test]
    fn the_own_test_is_known_by_its_number_alone() {
        let (headers, body) = AzureDevops.test_request("ado:secret");
        assert!(AzureDevops.verify(&headers, &body, "ado:secret"));
        assert_eq!(AzureDevops.recognise(&headers, &body, &SITE).what, What::Test);
        assert!(matches!(of("created", r#"{"id":1,"test":true}"#), What::Issue { .. }));
    }
}
