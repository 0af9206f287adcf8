//! The service hooks of Azure DevOps:
//! <https://learn.microsoft.com/azure/devops/service-hooks/events>.
//!
//! A subscription's setting "Resource details to send" decides what an event has: all fields, only
//! ids and URLs, or nothing but a sentence. Anything that identifies the work item is enough, because
//! it is then read over REST. An event that can't be used gets 2xx as well: any other response puts
//! the whole subscription on probation.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::AzureDevops;
use super::issue::{Field, WorkItem, markdown_fields, reference};
use crate::providers::basic_auth::CredentialProblem;
use crate::providers::inbound::{InboundChange, InboundEvents, ParsedEvent, safe_event_name, test_headers};
use crate::providers::{TrackerIssue, TrackerSite, lenient};
use crate::providers::{basic_auth, delivery_id};

/// The numbers of work items start at 1.
const TEST_ID: i64 = -1;
const TEST_BODY: &str =
    r#"{"eventType":"workitem.created","resource":{"id":-1,"fields":{"System.Title":"Testbell's own test"}}}"#;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AzureDevopsPayload<'a> {
    #[serde(deserialize_with = "lenient")]
    notification_id: Option<NotificationId>,
    #[serde(deserialize_with = "lenient")]
    event_type: Option<String>,
    #[serde(deserialize_with = "lenient")]
    message: Option<NotificationMessage>,
    #[serde(borrow, deserialize_with = "lenient")]
    resource: Option<Resource<'a>>,
}

/// A number; some senders write it as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum NotificationId {
    Number(u64),
    Text(String),
}

impl NotificationId {
    fn printable(self) -> Option<String> {
        match self {
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => delivery_id::printable(&text),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NotificationMessage {
    #[serde(deserialize_with = "lenient")]
    text: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Resource<'a> {
    /// In an update, the number of the update; otherwise that of the work item.
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

/// A field of an update; either value may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FieldUpdate<'a> {
    #[serde(default)]
    old_value: Option<serde::de::IgnoredAny>,
    #[serde(borrow, default)]
    new_value: Option<&'a RawValue>,
}

impl InboundEvents for AzureDevops {
    fn verify(&self, headers: &HeaderMap, _body: &[u8], secret: &str) -> bool {
        basic_auth::verify(headers, secret)
    }

    fn verification_failure(&self, headers: &HeaderMap) -> &'static str {
        match basic_auth::problem(headers) {
            CredentialProblem::Missing => {
                "The call has no credentials. In Azure DevOps, edit the service hook and enter the username and the \
                 password of this webhook."
            }
            CredentialProblem::Scheme => {
                "The call doesn't use Basic authentication. In Azure DevOps, edit the service hook, enter the username \
                 and the password of this webhook, and remove any other Authorization header."
            }
            CredentialProblem::Repeated => {
                "The call has more than one Authorization header. In Azure DevOps, edit the service hook and remove \
                 the one under \"HTTP headers\"."
            }
            CredentialProblem::Malformed => {
                "The Basic credentials can't be decoded. In Azure DevOps, edit the service hook and enter the username \
                 and the password of this webhook."
            }
            CredentialProblem::Mismatch => {
                "The username or the password is wrong. In Azure DevOps, edit the service hook and enter both again. \
                 If you don't have them any more, delete this webhook and add it again."
            }
        }
    }

    /// The id is in the body.
    fn delivery_id(&self, _headers: &HeaderMap) -> Option<String> {
        None
    }

    fn event_name(&self, _headers: &HeaderMap) -> String {
        "unknown".to_owned()
    }

    fn parse(&self, _headers: &HeaderMap, body: &[u8], site: &TrackerSite<'_>) -> ParsedEvent {
        let mut payload = serde_json::from_slice::<AzureDevopsPayload>(body).unwrap_or_default();
        let delivery_id = payload.notification_id.take().and_then(NotificationId::printable);
        let event = payload.event_type.as_deref().map(safe_event_name).filter(|name| !name.is_empty());
        let change = match &event {
            Some(event) => parse_change(event, payload, site),
            None => InboundChange::Ignored("The payload has no eventType."),
        };
        ParsedEvent { event: event.unwrap_or_else(|| "unknown".to_owned()), delivery_id, change }
    }

    fn wrong_content_type(&self, _is_form: bool) -> &'static str {
        "The content type must be application/json, which service hooks of type Web Hooks use."
    }

    fn test_request(&self, secret: &str) -> (HeaderMap, Bytes) {
        let headers = test_headers(&[(header::AUTHORIZATION.as_str(), &basic_auth::header_value(secret))]);
        (headers, Bytes::from_static(TEST_BODY.as_bytes()))
    }
}

fn parse_change(event: &str, payload: AzureDevopsPayload, site: &TrackerSite<'_>) -> InboundChange {
    let Some(verb) = event.strip_prefix("workitem.") else {
        return InboundChange::Ignored("Not a work item event.");
    };
    let resource = payload.resource.unwrap_or_default();
    if resource.id == Some(TEST_ID) {
        return InboundChange::Test;
    }
    let is_update = verb == "updated";
    let message = payload.message.and_then(|message| message.text);
    let Some(id) = work_item_number(&resource, is_update, message.as_deref()) else {
        return InboundChange::Ignored(
            "The event doesn't say which work item it is about. In the service hook, set \"Resource details to \
             send\" to All.",
        );
    };
    let issue = Box::new(parse_issue(resource, is_update, id, site));
    match verb {
        "created" | "updated" | "commented" => InboundChange::Issue { issue, moved_from: None },
        "deleted" => InboundChange::Deleted(issue),
        "restored" => InboundChange::Restored(issue),
        _ => InboundChange::Ignored("This kind of work item event is not used."),
    }
}

/// The number of the work item, from any part of the event that has it.
fn work_item_number(resource: &Resource, is_update: bool, message: Option<&str>) -> Option<i64> {
    let revision = resource.revision.as_ref().and_then(|revision| revision.id);
    let own = resource.id.filter(|_| !is_update);
    let named = [resource.work_item_id, revision, own].into_iter().flatten().find(|id| *id > 0);
    named.or_else(|| resource.url.as_deref().and_then(number_in_url)).or_else(|| number_in_message(message?))
}

/// From `https://dev.azure.com/acme/_apis/wit/workItems/5/updates/2`.
fn number_in_url(url: &str) -> Option<i64> {
    let lower = url.to_ascii_lowercase();
    let rest = lower.split_once("/workitems/").or_else(|| lower.split_once("/recyclebin/"))?.1;
    rest.split(['/', '?']).next()?.parse().ok().filter(|id| *id > 0)
}

/// From `Bug #5 (Title) updated by Ada.`: the first number, because titles may have others.
fn number_in_message(text: &str) -> Option<i64> {
    let rest = text.split_once(" #")?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok().filter(|id| *id > 0)
}

fn parse_issue(resource: Resource, is_update: bool, id: i64, site: &TrackerSite<'_>) -> TrackerIssue {
    let markdown = markdown_fields(resource.multiline_fields_format);
    let mut fields: BTreeMap<String, Field> = BTreeMap::new();
    let revision = resource.revision.and_then(|revision| revision.fields).unwrap_or_default();
    fields.extend(revision.into_iter().map(|(name, value)| (name, Field::Value(value))));
    // Changed fields override the revision, which may be the previous one.
    let sent = resource.fields.unwrap_or_default().into_iter();
    fields.extend(sent.map(|(name, raw)| (name, if is_update { new_value(raw) } else { Field::Value(raw) })));
    if fields.is_empty() {
        return reference(id, site);
    }
    WorkItem { fields, markdown, complete: false }.parse(id, site)
}

fn new_value(raw: &RawValue) -> Field<'_> {
    match serde_json::from_str::<FieldUpdate>(raw.get()) {
        Ok(FieldUpdate { new_value: Some(value), .. }) => Field::Value(value),
        Ok(FieldUpdate { old_value: Some(_), new_value: None }) => Field::Cleared,
        _ => Field::Value(raw),
    }
}

#[cfg(test)]
mod tests {
    use app::model::issue::StatusKind;

    use super::*;

    const SITE: TrackerSite<'_> =
        TrackerSite { base_url: "https://dev.azure.com", repository: "acme/Shop", has_credentials: false };

    fn change_of(verb: &str, resource: &str) -> InboundChange {
        let body = format!(r#"{{"eventType":"workitem.{verb}","resource":{resource}}}"#);
        AzureDevops.parse(&HeaderMap::new(), body.as_bytes(), &SITE).change
    }

    fn issue(verb: &str, resource: &str) -> TrackerIssue {
        let InboundChange::Issue { issue, .. } = change_of(verb, resource) else { panic!("an issue: {resource}") };
        *issue
    }

    #[test]
    fn an_updates_own_number_is_not_the_work_items() {
        for resource in [
            r#"{"id":2,"workItemId":5}"#,
            r#"{"id":2,"workItemId":0,"revision":{"id":5}}"#,
            r#"{"id":2,"revision":{"id":5}}"#,
            r#"{"id":2,"url":"https://dev.azure.com/acme/_apis/wit/workItems/5/updates/2"}"#,
        ] {
            assert_eq!(issue("updated", resource).external_id, "5", "{resource}");
        }
        assert_eq!(issue("created", r#"{"id":5,"url":"x"}"#).external_id, "5");
        assert!(matches!(change_of("updated", r#"{"id":2}"#), InboundChange::Ignored(_)));
    }

    #[test]
    fn the_message_names_the_work_item() {
        let body =
            r#"{"eventType":"workitem.updated","message":{"text":"Bug #5 (See #7) updated by Ada."},"resource":null}"#;
        let InboundChange::Issue { issue, .. } = AzureDevops.parse(&HeaderMap::new(), body.as_bytes(), &SITE).change
        else {
            panic!("an issue")
        };
        assert!(issue.is_reference());
        assert_eq!((issue.external_id.as_str(), issue.key.as_str()), ("5", "#5"));
    }

    #[test]
    fn changed_fields_take_their_new_value() {
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
    fn deletions_and_restores_are_parsed() {
        assert!(matches!(change_of("deleted", r#"{"id":5}"#), InboundChange::Deleted(_)));
        assert!(matches!(change_of("restored", r#"{"id":5}"#), InboundChange::Restored(_)));
        assert!(matches!(change_of("moved", r#"{"id":5}"#), InboundChange::Ignored(_)));
        for body in ["{}", "[]", "7", r#"{"eventType":"git.push"}"#, r#"{"eventType":[]}"#] {
            let change = AzureDevops.parse(&HeaderMap::new(), body.as_bytes(), &SITE).change;
            assert!(matches!(change, InboundChange::Ignored(_)), "{body}");
        }
    }

    #[test]
    fn a_test_is_recognized_by_its_number_alone() {
        let (headers, body) = AzureDevops.test_request("ado:secret");
        assert!(AzureDevops.verify(&headers, &body, "ado:secret"));
        assert_eq!(AzureDevops.parse(&headers, &body, &SITE).change, InboundChange::Test);
        assert!(matches!(change_of("created", r#"{"id":1,"test":true}"#), InboundChange::Issue { .. }));
    }
}
